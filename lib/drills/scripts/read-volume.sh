#!/bin/sh
# Reads every byte of every file of a restored volume, and says what was read in the termination message of its container.
#
# Environment:
#   WORK_DIR       where the volume is mounted
#   MINIMUM_FILES  files that it must hold at least
#   MESSAGE_FILE   file that the kubelet reads the message from
set -eu
# shellcheck source=lib/k8s/scripts/common.sh
. "${0%/*}/common.sh"
help "$@"
: "${WORK_DIR:?}" "${MINIMUM_FILES:?}" "${MESSAGE_FILE:?}"

# What a file system keeps for its own repair is root's.
each_file() {
  find "$WORK_DIR" -xdev -path "$WORK_DIR/lost+found" -prune -o -type f -exec "$@" {} +
}

each_file stat -c %s >/tmp/sizes || fail 'not every folder can be read'
each_file cat >/dev/null || fail 'not every file can be read'
found=$(awk '{ bytes += $1 } END { printf "%d files, %.0f bytes", NR, bytes }' /tmp/sizes)
log "read: $found"
[ "${found%% *}" -ge "$MINIMUM_FILES" ] || fail "the volume holds $found; at least $MINIMUM_FILES files are expected"
printf '%s' "$found" >"$MESSAGE_FILE"
