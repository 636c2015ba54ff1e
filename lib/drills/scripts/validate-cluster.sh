#!/bin/sh
# Checks the database of a recovered Cluster; what is found is left for the report.
#
# Environment:
#   WORK_DIR           workspace that the steps of a drill share
#   PGHOST             server
#   PGPORT             port
#   PGDATABASE         database
#   PGUSER             superuser
#   PGPASSWORD         its password
#   PGSSLMODE          how the server is verified
#   SERVER_CA          authority of the server's certificate
#   PGCONNECT_TIMEOUT  seconds to wait for a connection
#   VERIFY_JOBS        parallel workers of the corruption check
#   CHECKS_DIR         folder of NN-<name>.sql, each one statement with one row: passed (boolean), what was found (text)
#   CORRUPTION_CHECK   true to examine every table and index with pg_amcheck
#   BEHIND_SECONDS     seconds that what was recovered may be older than the drill, which checks of freshness allow for
set -eu
# shellcheck source=lib/k8s/scripts/common.sh
. "${0%/*}/common.sh"
# shellcheck source=lib/database/scripts/checks.sh
. "${0%/*}/checks.sh"
help "$@"
: "${WORK_DIR:?}" "${PGHOST:?}" "${PGPORT:?}" "${PGDATABASE:?}" "${PGUSER:?}" "${PGPASSWORD:?}" "${PGSSLMODE:?}"
: "${SERVER_CA:?}" "${PGCONNECT_TIMEOUT:?}" "${VERIFY_JOBS:?}" "${CHECKS_DIR:?}" "${CORRUPTION_CHECK:?}" "${BEHIND_SECONDS:?}"

lines=$WORK_DIR/run/lines
database=$PGDATABASE
captured_at=$(date -u -d "@$(($(cat "$WORK_DIR/run/began") - BEHIND_SECONDS))" +%Y-%m-%dT%H:%M:%SZ)
: >"$lines"
# A Secret that is made while the pod runs is not mounted in time; a variable is read when the step starts.
export PGSSLROOTCERT="$WORK_DIR/run/ca.crt"
printf '%s\n' "$SERVER_CA" >"$PGSSLROOTCERT"

restored --command='SELECT 1' >/dev/null 2>"$WORK_DIR/run/error" || fail "cannot connect to $PGHOST: $(head -n 1 "$WORK_DIR/run/error")"
if [ "$CORRUPTION_CHECK" = true ]; then
  check_corruption
fi
for check in "$CHECKS_DIR"/*.sql; do
  [ ! -e "$check" ] || check "$check"
done
list_tables
! grep -q '^failed' "$lines" || fail "$(awk -F '\t' '$1 == "failed" { print $2 ": " $3; exit }' "$lines")"
log "validate: $(wc -l <"$lines") checks, $(wc -l <"$WORK_DIR/run/tables") tables"
