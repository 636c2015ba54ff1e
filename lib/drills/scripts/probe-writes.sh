#!/bin/sh
# Writes to a database again and again, as an application would, and notes when each write was acknowledged; ends with its pod.
#
# Environment:
#   WORK_DIR           workspace that the steps of a drill share
#   PGHOST             server
#   PGPORT             port
#   PGDATABASE         database
#   PGUSER             role of the application
#   PGPASSWORD         its password
#   PGSSLMODE          how the server is verified
#   PGSSLROOTCERT      authority of the server's certificate
#   PGCONNECT_TIMEOUT  seconds to wait for a connection
set -eu
# shellcheck source=lib/k8s/scripts/common.sh
. "${0%/*}/common.sh"
help "$@"
: "${WORK_DIR:?}" "${PGHOST:?}" "${PGPORT:?}" "${PGDATABASE:?}" "${PGUSER:?}" "${PGPASSWORD:?}" "${PGSSLMODE:?}" "${PGSSLROOTCERT:?}" "${PGCONNECT_TIMEOUT:?}"

mkdir -p "$WORK_DIR/probe"
while :; do
  # A message in the log changes nothing that anybody reads, but is committed as a row is: flushed, and waited for by synchronous standbys.
  if timeout 5 psql --no-psqlrc --quiet --tuples-only --set=ON_ERROR_STOP=1 \
    --command="SELECT pg_logical_emit_message(true, 'cdk8s-dr', 'failover drill')" >/dev/null 2>"$WORK_DIR/probe/error"; then
    date +%s >>"$WORK_DIR/probe/written"
  fi
  sleep 1
done
