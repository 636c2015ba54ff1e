#!/bin/sh
# Downloads the newest committed run of one or more tiers into $WORK_DIR/backup.
#
# Environment:
#   WORK_DIR         workspace that the steps of a run share
#   STORE            rclone remote with container or bucket, configured by RCLONE_CONFIG_STORE_*
#   KEY_PREFIXES     key prefixes of the tiers, separated by spaces
#   MAX_AGE_SECONDS  age beyond which the newest run is stale
set -eu
# shellcheck source=lib/k8s/scripts/common.sh
. "${0%/*}/common.sh"
# shellcheck source=lib/k8s/scripts/store.sh
. "${0%/*}/store.sh"
help "$@"
: "${WORK_DIR:?}" "${STORE:?}" "${KEY_PREFIXES:?}" "${MAX_AGE_SECONDS:?}"

run=$WORK_DIR/run
backup=$WORK_DIR/backup
rm -rf "$run" "$backup"
mkdir -p "$run" "$backup"

: >"$run/committed"
for prefix in $KEY_PREFIXES; do
  list_objects "$STORE/$prefix" "$run/objects"
  sed -n "s#^\([0-9]\{8\}T[0-9]\{6\}Z\)/backup\.json\$#\1 $prefix#p" "$run/objects" >>"$run/committed"
done
sort -o "$run/committed" "$run/committed"
newest=$(tail -n 1 "$run/committed")
[ -n "$newest" ] || fail "no committed backup under $STORE: $KEY_PREFIXES"
id=${newest%% *}
key=${newest#* }/$id

! earlier "$id" "$(id_before "$MAX_AGE_SECONDS")" ||
  fail "the newest committed backup, $key, is stale: older than $MAX_AGE_SECONDS s"

rclone copy "$STORE/$key" "$backup" || fail "download of $key failed"
[ -s "$backup/backup.json" ] || fail "the marker of $key vanished"
marker_files "$backup/backup.json" >"$run/files"
[ -s "$run/files" ] || fail "the marker of $key lists no files"
while read -r name _; do
  [ -f "$backup/$name" ] || fail "$key lacks $name, which its marker lists"
done <"$run/files"
printf '%s\n' "$key" >"$run/source"
log "fetch: $key"
