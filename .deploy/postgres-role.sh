#!/bin/bash
# Runs once, in a new database: makes the role of the web and worker nodes.
# `arengo migrate` gives it its rights.
set -euo pipefail
psql -v ON_ERROR_STOP=1 -v password="$APP_PASSWORD" --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
CREATE ROLE arengo_app LOGIN PASSWORD :'password';
SQL
