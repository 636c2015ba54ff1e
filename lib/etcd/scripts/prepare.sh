#!/bin/sh
# Makes the workspace ready for a capture by an image that has no shell, and names the run.
#
# Environment:
#   WORK_DIR       workspace that the steps of a run share
#   CAPTURE_IMAGE  image that captures, for the commit marker
set -eu
# shellcheck source=lib/k8s/scripts/common.sh
. "${0%/*}/common.sh"
help "$@"
: "${WORK_DIR:?}" "${CAPTURE_IMAGE:?}"

run=$WORK_DIR/run
rm -rf "$run" "$WORK_DIR/capture" "$WORK_DIR/scratch"
mkdir -p "$run" "$WORK_DIR/capture"
now=$(date -u '+%Y%m%dT%H%M%SZ %Y-%m-%dT%H:%M:%SZ')
printf '%s\n' "${now% *}" >"$run/id"
printf '%s\n' "${now#* }" >"$run/started"
printf 'etcd=%s\n' "$CAPTURE_IMAGE" >"$run/tools"
log "prepare: run ${now% *}"
