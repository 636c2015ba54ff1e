#!/bin/sh
# Keeps a copy of a sealed run on the node, for when the store cannot be reached, and of these the newest few.
#
# Environment:
#   WORK_DIR      workspace that the steps of a run share
#   LOCAL_DIR     folder on the node
#   LOCAL_COPIES  runs that are kept in it
set -eu
# shellcheck source=lib/k8s/scripts/common.sh
. "${0%/*}/common.sh"
help "$@"
: "${WORK_DIR:?}" "${LOCAL_DIR:?}" "${LOCAL_COPIES:?}"
[ "$LOCAL_COPIES" -ge 1 ] || fail "LOCAL_COPIES is $LOCAL_COPIES; at least one copy must be kept"

id=$(cat "$WORK_DIR/run/id")
marker=$WORK_DIR/marker/backup.json
[ -s "$marker" ] || fail "run $id has no commit marker"
# Runs that were killed while they copied; no other run of this job goes on beside this one.
rm -rf "$LOCAL_DIR"/.*.partial
partial=$LOCAL_DIR/.$id.partial
mkdir "$partial" || fail "cannot write to $LOCAL_DIR"
cp "$WORK_DIR/outbox"/* "$marker" "$partial/" || fail "cannot copy run $id to $LOCAL_DIR"
marker_files "$marker" >"$WORK_DIR/run/kept"
while read -r name _ sha256; do
  sum=$(sha256sum "$partial/$name")
  [ "${sum%% *}" = "$sha256" ] || fail "the copy of $name in $LOCAL_DIR differs from what was sealed"
done <"$WORK_DIR/run/kept"
mv "$partial" "$LOCAL_DIR/$id"

# Only run ids are ours; whatever else lies in the folder is not touched. The newest was proven above, so it goes last.
ls "$LOCAL_DIR" >"$WORK_DIR/run/local"
sed -n '/^[0-9]\{8\}T[0-9]\{6\}Z$/p' "$WORK_DIR/run/local" >"$WORK_DIR/run/ring"
sort -r -o "$WORK_DIR/run/ring" "$WORK_DIR/run/ring"
awk -v copies="$LOCAL_COPIES" 'NR > copies' "$WORK_DIR/run/ring" >"$WORK_DIR/run/oldest"
while read -r old; do
  rm -rf "${LOCAL_DIR:?}/$old"
done <"$WORK_DIR/run/oldest"
log "keep: $LOCAL_DIR/$id, $(wc -l <"$WORK_DIR/run/oldest") older removed"
