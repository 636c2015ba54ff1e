#!/bin/sh
# Uploads a report under a key of its own, and reports the success of the run.
#
# Environment:
#   WORK_DIR    workspace that the steps of a run share
#   STORE       rclone remote with container or bucket, configured by RCLONE_CONFIG_STORE_*
#   KEY_PREFIX  key prefix of the reports
#   PUSH_URL    URL at the Pushgateway that takes the metrics; without one nothing is reported
#   PUSH_REPORT the metrics, in which @finished@ and @seconds@ are filled in
#   PUSH_ASIDE  true to push in the background
set -eu
# shellcheck source=lib/k8s/scripts/common.sh
. "${0%/*}/common.sh"
# shellcheck source=lib/k8s/scripts/push.sh
. "${0%/*}/push.sh"
help "$@"
: "${WORK_DIR:?}" "${STORE:?}" "${KEY_PREFIX:?}"

[ -s "$WORK_DIR/report/report.json" ] || fail "there is no report to ship"
target=$STORE/$KEY_PREFIX/$(id_before 0)
rclone copy --checksum --immutable "$WORK_DIR/report" "$target" || fail "upload to $target failed"
log "report: $target"
report_success
