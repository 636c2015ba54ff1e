#!/bin/sh
# Fails the run when one of its claims has no good snapshot; those of the others are recorded by now. Otherwise reports its success.
#
# Environment:
#   WORK_DIR    workspace that the steps of a run share
#   PUSH_URL    URL at the Pushgateway that takes the report; without one nothing is reported
#   PUSH_REPORT the report, in which @finished@, @seconds@ and @bytes@ are filled in
#   PUSH_ASIDE  true to push in the background
set -eu
# shellcheck source=lib/k8s/scripts/common.sh
. "${0%/*}/common.sh"
# shellcheck source=lib/k8s/scripts/push.sh
. "${0%/*}/push.sh"
help "$@"
: "${WORK_DIR:?}"

while read -r line; do
  log "failed: $line"
done <"$WORK_DIR/run/failures"
[ ! -s "$WORK_DIR/run/failures" ] || fail 'not every claim has a good snapshot of this run'
log 'conclude: every claim has a good snapshot of this run'
report_success
