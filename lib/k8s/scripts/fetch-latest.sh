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
backup=$WORK_DIR/backup
rm -rf "$run" "$backup"
mkdir -p "$run" "$backup"
date -u +%Y-%m-%dT%H:%M:%SZ >"$run/started"

id=
for tier in $TIERS; do
  prefix=${tier%%=*}
  list_objects "$STORE/$prefix" "$run/objects"
  sed -n 's#^\([0-9]\{8\}T[0-9]\{6\}Z\)/backup\.json$#\1#p' "$run/objects" >"$run/committed"
  sort -o "$run/committed" "$run/committed"
  newest=$(tail -n 1 "$run/committed")
  [ -n "$newest" ] || fail "$prefix has no committed backup; on a new installation, run its dump job once"
  ! earlier "$newest" "$(id_before "${tier##*=}")" ||
    fail "the newest committed backup of a tier, $prefix/$newest, is stale: older than ${tier##*=} s"
  if [ -z "$id" ] || earlier "$id" "$newest"; then
    id=$newest
    key=$prefix/$newest
  fi
done

rclone copy "$STORE/$key" "$backup" || fail "download of $key failed"
[ -s "$backup/backup.json" ] || fail "the marker of $key vanished"
marker_files "$backup/backup.json" >"$run/files"
[ -s "$run/files" ] || fail "the marker of $key lists no files"
while read -r name _; do
  [ -f "$backup/$name" ] || fail "$key lacks $name, which its marker lists"
done <"$run/files"
printf '%s\n' "$key" >"$run/source"
log "fetch: $key"
