// Rebuilds web/static (css, svg, fonts) and the axe-core test asset from the
// packages pinned in package-lock.json. Run "npm ci && npm run build" in this
// folder after adding a Bootstrap Italia class or an icon that is not shipped,
// or after editing css/*.css, and commit what changes.
import { chmodSync, copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { PurgeCSS } from "purgecss";
import { safelist } from "./safelist.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..");
const web = join(out, "..");
const italia = join(here, "node_modules/bootstrap-italia/dist");

for (const folder of ["css", "svg", "fonts"]) mkdirSync(join(out, folder), { recursive: true });

// 1. Bootstrap Italia: the classes that templates or Go code name, and the
// safelist, so that a new page rarely needs a rebuild.
const raw = readFileSync(join(italia, "css/bootstrap-italia.min.css"), "utf8").replace(/^\uFEFF/, "").replace(/\/\*# sourceMappingURL.*?\*\//, "");
const [purged] = await new PurgeCSS().purge({
  content: [join(web, "templates/**/*.html"), join(web, "**/*.go")],
  css: [{ raw }],
  safelist,
  keyframes: true,
  fontFace: true,
  defaultExtractor: (text) => text.match(/[\w-]+/g) ?? [],
});
writeFileSync(join(out, "css/bootstrap-italia.css"), purged.css.trim() + "\n");

// 2. Arengo's own sheet: the parts in order, then the classes ar-at-0 … 100
// that stand in for style attributes, which the content policy forbids.
const parts = readdirSync(join(here, "css")).filter((f) => f.endsWith(".css")).sort();
let own = parts.map((f) => readFileSync(join(here, "css", f), "utf8").trim()).join("\n\n");
own += "\n\n/* Shares in per cent, for widths and places */\n";
for (let n = 0; n <= 100; n++) own += `.ar-at-${n} { --at: ${n}%; }${n % 5 === 4 ? "\n" : " "}`;
writeFileSync(join(out, "css/arengo.css"), own.trim() + "\n");

// 3. The sprite, reduced to icons.txt.
const all = readFileSync(join(italia, "svg/sprites.svg"), "utf8");
const names = readFileSync(join(here, "icons.txt"), "utf8").split("\n").filter(Boolean);
const symbols = names.map((name) => {
  const found = all.match(new RegExp(`<symbol id="${name}"[\\s\\S]*?</symbol>`));
  if (!found) throw new Error(`no icon ${name} in the sprite`);
  return found[0];
});
writeFileSync(join(out, "svg/sprites.svg"), `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`);

// 4. Fonts, with their licences.
const fonts = {
  "Titillium_Web/titillium-web-v10-latin-ext_latin-regular.woff2": "titillium-web-400.woff2",
  "Titillium_Web/titillium-web-v10-latin-ext_latin-italic.woff2": "titillium-web-400-italic.woff2",
  "Titillium_Web/titillium-web-v10-latin-ext_latin-600.woff2": "titillium-web-600.woff2",
  "Titillium_Web/titillium-web-v10-latin-ext_latin-700.woff2": "titillium-web-700.woff2",
  "Lora/lora-v20-latin-ext_latin-700.woff2": "lora-700.woff2",
  "Titillium_Web/OFL.txt": "titillium-web-licence.txt",
  "Lora/OFL.txt": "lora-licence.txt",
};
for (const [from, to] of Object.entries(fonts)) {
  copyFileSync(join(italia, "fonts", from), join(out, "fonts", to));
  chmodSync(join(out, "fonts", to), 0o644);
}

// 5. The accessibility checker of the browser tests.
mkdirSync(join(web, "e2e/testdata"), { recursive: true });
copyFileSync(join(here, "node_modules/axe-core/axe.min.js"), join(web, "e2e/testdata/axe.min.js"));
