#!/bin/sh
# Uploads a sealed run under a key of its own, proves the stored bytes, and commits it by storing the marker last.
#
# Environment:
#   WORK_DIR    workspace that the steps of a run share
#   STORE       rclone remote with container or bucket, configured by RCLONE_CONFIG_STORE_*
#   KEY_PREFIX  key prefix of the tier
#   PUSH_URL    URL at the Pushgateway that takes the report; without one nothing is reported
#   PUSH_REPORT the report, in which @finished@, @seconds@ and @bytes@ are filled in
#   PUSH_ASIDE  true to push in the background, where the next run must not wait for it
set -eu
# shellcheck source=lib/k8s/scripts/common.sh
. "${0%/*}/common.sh"
# shellcheck source=lib/k8s/scripts/push.sh
. "${0%/*}/push.sh"
help "$@"
: "${WORK_DIR:?}" "${STORE:?}" "${KEY_PREFIX:?}"

id=$(cat "$WORK_DIR/run/id")
target=$STORE/$KEY_PREFIX/$id
marker=$WORK_DIR/marker
[ -s "$marker/backup.json" ] || fail "run $id has no commit marker to ship"

# A directory copy, since only that honours --immutable on every version; checksums make a retry of the same bytes succeed.
store() {
  rclone copy --checksum --immutable "$1" "$target" || fail "upload to $target failed"
  # Azure does not check the hash of a multi-block upload, so the stored bytes are read back.
  rclone check --one-way --download "$1" "$target" || fail "what is stored at $target is not what was sent"
}

begin=$(date +%s)
store "$WORK_DIR/outbox"
store "$marker"
log "ship: committed $target, $(($(date +%s) - begin)) s"
report_success
