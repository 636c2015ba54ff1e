#!/bin/sh
# Uploads a report under a key of its own.
#
# Environment:
#   WORK_DIR    workspace that the steps of a run share
#   STORE       rclone remote with container or bucket, configured by RCLONE_CONFIG_STORE_*
#   KEY_PREFIX  key prefix of the reports
set -eu
# shellcheck source=lib/k8s/scripts/common.sh
. "${0%/*}/common.sh"
help "$@"
: "${WORK_DIR:?}" "${STORE:?}" "${KEY_PREFIX:?}"

[ -s "$WORK_DIR/report/report.json" ] || fail "there is no report to ship"
target=$STORE/$KEY_PREFIX/$(id_before 0)
rclone copy --checksum --immutable "$WORK_DIR/report" "$target" || fail "upload to $target failed"
log "report: $target"
