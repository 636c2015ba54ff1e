#!/bin/sh
# Removes expired runs, never the newest committed ones, and litter that failed runs left behind.
#
# Environment:
#   WORK_DIR                 workspace
#   STORE                    rclone remote with container or bucket, configured by RCLONE_CONFIG_STORE_*
#   RULES                    <prefix>=<seconds>:<copies> separated by spaces: retention, and copies kept whatever their age
#   ABANDONED_AFTER_SECONDS  age beyond which an uncommitted run is litter
set -eu
# shellcheck source=lib/k8s/scripts/common.sh
. "${0%/*}/common.sh"
# shellcheck source=lib/k8s/scripts/store.sh
. "${0%/*}/store.sh"
help "$@"
: "${WORK_DIR:?}" "${STORE:?}" "${RULES:?}" "${ABANDONED_AFTER_SECONDS:?}"

run=$WORK_DIR/run
rm -rf "$run"
mkdir -p "$run"
tomorrow=$(id_before -86400)
litter=$(id_before "$ABANDONED_AFTER_SECONDS")

remove() {
  rclone purge "$STORE/$1" || fail "cannot remove $1"
}

prune() { # prefix, seconds, copies
  [ "$3" -ge 1 ] || fail "the floor of $1 is $3; at least one copy must be kept"
  list_objects "$STORE/$1" "$run/objects"
  # Only run ids are ours; whatever else lies below the prefix is not touched.
  sed -n 's|^\([0-9]\{8\}T[0-9]\{6\}Z\)/.*|\1|p' "$run/objects" >"$run/ids"
  sed -n 's|^\([0-9]\{8\}T[0-9]\{6\}Z\)/backup\.json$|\1|p' "$run/objects" >"$run/markers"
  sort -u -o "$run/ids" "$run/ids"
  sort -r -o "$run/markers" "$run/markers"
  newest=$(head -n 1 "$run/markers")
  if [ -z "$newest" ]; then
    log "prune: $1 has no committed run; nothing is removed"
    return
  fi
  awk -v limit="$tomorrow" '$0 > limit { exit 1 }' "$run/markers" ||
    fail "$1/$newest is from the future: a clock is wrong, nothing is removed"

  awk -v floor="$3" -v limit="$(id_before "$2")" 'NR > floor && $0 < limit' "$run/markers" >"$run/expired"
  awk -v newest="$newest" -v limit="$litter" 'NR == FNR { committed[$0]; next } !($0 in committed) && $0 < limit && $0 < newest' \
    "$run/markers" "$run/ids" >"$run/abandoned"
  while read -r id; do
    # Marker first: a copy that is only half removed must not count as good.
    rclone deletefile "$STORE/$1/$id/backup.json" || fail "cannot remove the marker of $1/$id"
    remove "$1/$id"
  done <"$run/expired"
  while read -r id; do
    remove "$1/$id"
  done <"$run/abandoned"
  log "prune: $1: $(wc -l <"$run/markers") committed, $(wc -l <"$run/expired") expired and removed, $(wc -l <"$run/abandoned") abandoned and removed"
}

for rule in $RULES; do
  limits=${rule#*=}
  prune "${rule%%=*}" "${limits%%:*}" "${limits##*:}"
done
