#!/bin/sh
# Fails the run when one of its claims has no good snapshot; those of the others are recorded by now.
#
# Environment:
#   WORK_DIR  workspace that the steps of a run share
set -eu
# shellcheck source=lib/k8s/scripts/common.sh
. "${0%/*}/common.sh"
help "$@"
: "${WORK_DIR:?}"

while read -r line; do
  log "failed: $line"
done <"$WORK_DIR/run/failures"
[ ! -s "$WORK_DIR/run/failures" ] || fail 'not every claim has a good snapshot of this run'
log 'conclude: every claim has a good snapshot of this run'
