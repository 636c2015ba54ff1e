#!/bin/sh
# Dumps one PostgreSQL database and its roles into $WORK_DIR/capture, and reads the dump back in full.
#
# Environment:
#   WORK_DIR          workspace that the steps of a run share
#   PGHOST            server
#   PGPORT            port
#   PGDATABASE        database to dump
#   PGUSER            role that dumps
#   PGPASSWORD        its password
#   PGSSLMODE         how the server is verified
#   PGSSLROOTCERT     authority of the server's certificate
#   PGCONNECT_TIMEOUT seconds to wait for a connection
#   DUMP_JOBS         parallel workers and readers; 1 writes one file, more write a directory
#   DUMP_COMPRESSION  what pg_dump --compress is given, e.g. zstd:3 or 6
set -eu
# shellcheck source=lib/k8s/scripts/common.sh
. "${0%/*}/common.sh"
# shellcheck source=lib/database/scripts/read-back.sh
. "${0%/*}/read-back.sh"
help "$@"
: "${WORK_DIR:?}" "${PGHOST:?}" "${PGPORT:?}" "${PGDATABASE:?}" "${PGUSER:?}" "${PGPASSWORD:?}" "${PGSSLMODE:?}"
: "${PGSSLROOTCERT:?}" "${PGCONNECT_TIMEOUT:?}" "${DUMP_JOBS:?}" "${DUMP_COMPRESSION:?}"

capture=$WORK_DIR/capture
run=$WORK_DIR/run
rm -rf "$capture" "$run"
mkdir -p "$capture" "$run"
# A failed pod is kept for its log; the data in clear is not.
trap '[ $? -eq 0 ] || rm -rf "$capture"' EXIT

now=$(date -u '+%Y%m%dT%H%M%SZ %Y-%m-%dT%H:%M:%SZ')
printf '%s\n' "${now% *}" >"$run/id"
printf '%s\n' "${now#* }" >"$run/started"
version=$(pg_dump --version)
printf 'pg_dump=%s\n' "${version##*) }" >"$run/tools"

pg_isready --quiet --timeout="$PGCONNECT_TIMEOUT" || fail "no PostgreSQL answers at $PGHOST:$PGPORT"
begin=$(date +%s)
if [ "$DUMP_JOBS" -gt 1 ]; then
  target=$capture/database
  format=directory
else
  target=$capture/database.dump
  format=custom
fi
pg_dump --no-password --format="$format" --jobs="$DUMP_JOBS" --compress="$DUMP_COMPRESSION" --file="$target" ||
  fail "pg_dump of $PGDATABASE at $PGHOST failed"
pg_dumpall --no-password --globals-only --no-role-passwords --database="$PGDATABASE" --file="$capture/globals.sql" ||
  fail "pg_dumpall of the roles at $PGHOST failed"

read_back "$target" "$DUMP_JOBS"
tables=$(count_tables "$run/contents")
# shellcheck disable=SC2046
set -- $(du -sk "$capture")
log "dump: $PGDATABASE, $tables tables, $1 KiB, $(($(date +%s) - begin)) s, run $(cat "$run/id")"
