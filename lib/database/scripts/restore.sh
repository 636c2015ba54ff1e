#!/bin/sh
# Restores an opened dump into a database that exists and is empty, as the role that is to own its objects.
#
# Environment:
#   WORK_DIR           workspace that the steps of a run share
#   PGHOST             server
#   PGPORT             port
#   PGDATABASE         database to restore into
#   PGUSER             role that restores and owns
#   PGPASSWORD         its password
#   PGSSLMODE          how the server is verified
#   PGSSLROOTCERT      authority of the server's certificate
#   PGCONNECT_TIMEOUT  seconds to wait for a connection
#   RESTORE_JOBS       parallel workers
set -eu
# shellcheck source=lib/k8s/scripts/common.sh
. "${0%/*}/common.sh"
help "$@"
: "${WORK_DIR:?}" "${PGHOST:?}" "${PGPORT:?}" "${PGDATABASE:?}" "${PGUSER:?}" "${PGPASSWORD:?}" "${PGSSLMODE:?}"
: "${PGSSLROOTCERT:?}" "${PGCONNECT_TIMEOUT:?}" "${RESTORE_JOBS:?}"

# A failed pod is kept for its log; the data in clear is not.
trap 'rm -rf "$WORK_DIR/restored"' EXIT
dump=$WORK_DIR/restored/database
[ -e "$dump" ] || dump=$WORK_DIR/restored/database.dump
[ -e "$dump" ] || fail "the backup holds no dump"

# Whatever is there already would be mixed with what is restored.
present=$(psql --no-psqlrc --no-password --tuples-only --no-align --command="SELECT count(*) FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')") ||
  fail "cannot look into $PGDATABASE at $PGHOST"
[ "$present" -eq 0 ] || fail "$PGDATABASE holds $present tables, views or sequences already; restore into an empty database"

begin=$(date +%s)
pg_restore --no-password --exit-on-error --no-owner --no-privileges --jobs="$RESTORE_JOBS" --dbname="$PGDATABASE" "$dump" ||
  fail "pg_restore of $(cat "$WORK_DIR/run/source") into $PGDATABASE failed"
log "restore: $(cat "$WORK_DIR/run/source") into $PGDATABASE, $(($(date +%s) - begin)) s"
