#!/bin/sh
# Fails when the newest run that the stream committed is older than the plan allows.
#
# Environment:
#   WORK_DIR         workspace that the steps share
#   MAX_AGE_SECONDS  age beyond which the newest committed run is stale
set -eu
# shellcheck source=lib/k8s/scripts/common.sh
. "${0%/*}/common.sh"
help "$@"
: "${WORK_DIR:?}" "${MAX_AGE_SECONDS:?}"

[ -f "$WORK_DIR/committed" ] || fail 'nothing is committed yet'
age=$(($(date +%s) - $(cat "$WORK_DIR/committed")))
[ "$age" -le "$MAX_AGE_SECONDS" ] || fail "the newest committed snapshot is $age s old; at most $MAX_AGE_SECONDS s are planned"
log "fresh: $age s"
