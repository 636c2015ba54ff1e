#!/bin/sh
# Restores a dump in full into a throw-away PostgreSQL and checks the data; writes a report to $WORK_DIR/report.
#
# Environment:
#   WORK_DIR          workspace that the steps of a run share
#   VERIFY_JOBS       parallel restore workers
#   CHECKS_DIR        folder of NN-<name>.sql, each one statement with one row: passed (boolean), what was found (text)
#   CORRUPTION_CHECK  true to examine every table and index with pg_amcheck
set -eu
# shellcheck source=lib/k8s/scripts/common.sh
. "${0%/*}/common.sh"
# shellcheck source=lib/database/scripts/checks.sh
. "${0%/*}/checks.sh"
# shellcheck source=lib/k8s/scripts/report.sh
. "${0%/*}/report.sh"
help "$@"
: "${WORK_DIR:?}" "${VERIFY_JOBS:?}" "${CHECKS_DIR:?}" "${CORRUPTION_CHECK:?}"

data=$WORK_DIR/pgdata
report=$WORK_DIR/report
lines=$WORK_DIR/run/lines
database=restored
export PGHOST="$WORK_DIR/socket" PGUSER=postgres
rm -rf "$data" "$report" "$PGHOST"
mkdir -p "$report" "$PGHOST"
: >"$lines"
trap 'pg_ctl --pgdata="$data" --mode=immediate --silent stop >/dev/null 2>&1 || true; rm -rf "$data" "$WORK_DIR/restored"' EXIT

dump=$WORK_DIR/restored/database
[ -e "$dump" ] || dump=$WORK_DIR/restored/database.dump
[ -e "$dump" ] || fail "the backup holds no dump"
captured_at=$(marker_field "$WORK_DIR/backup/backup.json" startedAt)

initdb --pgdata="$data" --username=postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync >"$WORK_DIR/run/initdb.log" ||
  fail "initdb failed: $(tail -n 1 "$WORK_DIR/run/initdb.log")"
# Throw-away data: nothing needs to survive a crash, and nothing outside the pod may connect.
options="-c listen_addresses= -c unix_socket_directories=$PGHOST -c fsync=off -c full_page_writes=off -c max_wal_size=4GB"
pg_ctl --pgdata="$data" --log="$WORK_DIR/run/server.log" --silent --wait --options="$options" start ||
  fail "the throw-away server does not start: $(tail -n 1 "$WORK_DIR/run/server.log")"
psql --quiet --no-psqlrc --dbname=postgres --command='CREATE DATABASE restored TEMPLATE template0'
# Row security policies name roles. Roles that this server has already are errors here, and no matter.
psql --quiet --no-psqlrc --dbname=postgres --file="$WORK_DIR/restored/globals.sql" >"$WORK_DIR/run/globals.log" 2>&1 ||
  fail "the roles cannot be restored: $(tail -n 1 "$WORK_DIR/run/globals.log")"

begin=$(date +%s)
pg_restore --exit-on-error --no-owner --no-privileges --jobs="$VERIFY_JOBS" --dbname=restored "$dump" ||
  fail "pg_restore of $(cat "$WORK_DIR/run/source") failed"
seconds=$(($(date +%s) - begin))
log "verify: restored in $seconds s"

if [ "$CORRUPTION_CHECK" = true ]; then
  check_corruption
fi
for check in "$CHECKS_DIR"/*.sql; do
  [ ! -e "$check" ] || check "$check"
done
list_tables

status=passed
! grep -q '^failed' "$lines" || status=failed
source=$(cat "$WORK_DIR/run/source")
rm -f "$WORK_DIR/run/facts"
fact status "$status"
fact source "$source"
fact capturedAt "$captured_at"
figure restoreSeconds "$seconds"
write_json list=checks:result,name,found "$lines" list=tables:name,rows,bytes "$WORK_DIR/run/tables" >"$report/report.json"
{
  printf 'verification of %s: %s, restored in %s s\n' "$source" "$status" "$seconds"
  awk -F '\t' '{ print $1 ": " $2 ": " $3 }' "$lines"
} >"$report/report.txt"
cat "$report/report.txt"
[ "$status" = passed ] || fail "verification failed: $(sed -n '/^failed: /{s/^failed: //p;q;}' "$report/report.txt")"
