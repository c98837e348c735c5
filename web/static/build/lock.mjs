// Removes the download addresses from package-lock.json: the integrity hashes
// pin the packages, and the address depends on who installs.
import { readFileSync, writeFileSync } from "node:fs";

const file = new URL("package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(file, "utf8"));
for (const entry of Object.values(lock.packages)) delete entry.resolved;
writeFileSync(file, JSON.stringify(lock, null, 2) + "\n");
