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
help "$@"
: "${WORK_DIR:?}" "${VERIFY_JOBS:?}" "${CHECKS_DIR:?}" "${CORRUPTION_CHECK:?}"

data=$WORK_DIR/pgdata
report=$WORK_DIR/report
lines=$WORK_DIR/run/lines
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

# Every check runs, so that one report names everything that is wrong: result TAB name TAB what was found.
note() { printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>"$lines"; }
if [ "$CORRUPTION_CHECK" = true ]; then
  if pg_amcheck --install-missing --jobs="$VERIFY_JOBS" --database=restored >"$WORK_DIR/run/amcheck.log" 2>&1; then
    note passed corruption 'pg_amcheck found nothing'
  else
    note failed corruption "$(head -n 1 "$WORK_DIR/run/amcheck.log")"
  fi
fi
for check in "$CHECKS_DIR"/*.sql; do
  [ -e "$check" ] || continue
  name=${check##*/}
  name=${name#*-}
  name=${name%.sql}
  if ! answer=$(psql --no-psqlrc --quiet --tuples-only --no-align --field-separator=' ' --set=ON_ERROR_STOP=1 \
    --set=captured_at="$captured_at" --dbname=restored --file="$check" 2>"$WORK_DIR/run/error"); then
    note failed "$name" "$(head -n 1 "$WORK_DIR/run/error")"
    continue
  fi
  case "$answer" in
    '' | *'
'*) note failed "$name" 'must return exactly one row' ;;
    t | 't '*) note passed "$name" "${answer#t }" ;;
    f | 'f '*) note failed "$name" "${answer#f }" ;;
    *) note failed "$name" "$answer" ;;
  esac
done
# shellcheck source=lib/database/scripts/report.sh
. "${0%/*}/report.sh"
write_report "$seconds"
