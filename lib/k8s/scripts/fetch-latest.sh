#!/bin/sh
# Downloads the newest committed run of one or more tiers into $WORK_DIR/backup.
#
# Environment:
#   WORK_DIR  workspace that the steps of a run share
#   STORE     rclone remote with container or bucket, configured by RCLONE_CONFIG_STORE_*
#   TIERS     <prefix>=<seconds> separated by spaces: tiers, and the age beyond which the newest run of each is stale
set -eu
# shellcheck source=lib/k8s/scripts/common.sh
. "${0%/*}/common.sh"
# shellcheck source=lib/k8s/scripts/store.sh
. "${0%/*}/store.sh"
help "$@"
: "${WORK_DIR:?}" "${STORE:?}" "${TIERS:?}"

run=$WORK_DIR/run
rm -rf "$run" "$WORK_DIR/backup"
mkdir -p "$run" "$WORK_DIR/backup"
date -u +%Y-%m-%dT%H:%M:%SZ >"$run/started"

id=
for tier in $TIERS; do
  prefix=${tier%%=*}
  list_committed "$prefix" "$run/committed"
  newest=$(tail -n 1 "$run/committed")
  [ -n "$newest" ] || fail "$prefix has no committed backup; on a new installation, run its dump job once"
  ! earlier "$newest" "$(id_before "${tier##*=}")" ||
    fail "the newest committed backup of a tier, $prefix/$newest, is stale: older than ${tier##*=} s"
  if [ -z "$id" ] || earlier "$id" "$newest"; then
    id=$newest
    key=$prefix/$newest
  fi
done

download_run "$key"
