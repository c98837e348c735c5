# Waits until no test program holds DIR/users, lingers in case another comes,
# then stops the servers while nobody can join. $1 the shared folder, $2 and $3
# the process ids of PostgreSQL and Redis, $4 the servers' folder.
set -u
alive() { readlink "/proc/$1/cwd" >/dev/null 2>&1; } # false for a zombie
while flock -x "$1/users" true; do
	sleep 20
	(
		flock -n -x 9 || exit 1
		rm -f "$1/addresses.json"
		kill -QUIT "$2" 2>/dev/null
		kill -TERM "$3" 2>/dev/null
		tries=0
		while { alive "$2" || alive "$3"; } && [ $tries -lt 300 ]; do
			sleep 0.1
			tries=$((tries + 1))
		done
		rm -rf "$4"
	) 9>>"$1/users" && exit 0
done
