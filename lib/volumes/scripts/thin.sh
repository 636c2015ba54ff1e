#!/bin/sh
# Removes snapshots that no tier wants, and with them those of the provider; never the newest good ones, and never another's.
#
# Environment:
#   WORK_DIR                 workspace
#   NAMESPACE                namespace of the snapshots
#   LABELS                   labels of the asset's scheduled snapshots, as a selector
#   TIERS                    <tier>=<seconds> separated by spaces: all, or the first of each hour, day or week, and how long it is kept
#   KEEP_AT_LEAST            newest good snapshots of each claim that are kept whatever their age
#   ABANDONED_AFTER_SECONDS  age beyond which a snapshot that is not good, and older than a good one, is litter
set -eu
# shellcheck source=lib/k8s/scripts/common.sh
. "${0%/*}/common.sh"
# shellcheck source=lib/k8s/scripts/api.sh
. "${0%/*}/api.sh"
help "$@"
: "${WORK_DIR:?}" "${NAMESPACE:?}" "${LABELS:?}" "${TIERS:?}" "${KEEP_AT_LEAST:?}" "${ABANDONED_AFTER_SECONDS:?}"

run=$WORK_DIR/run
rm -rf "$run"
mkdir -p "$run"
[ "$KEEP_AT_LEAST" -ge 1 ] || fail "the floor is $KEEP_AT_LEAST; at least one snapshot must be kept"
api get volumesnapshots --namespace="$NAMESPACE" --selector="$LABELS" --output=json >"$run/list.json" 2>"$run/error" ||
  refused 'cannot list snapshots'
jq --argjson now "$(date +%s)" --arg tiers "$TIERS" --argjson floor "$KEEP_AT_LEAST" --argjson abandoned "$ABANDONED_AFTER_SECONDS" \
  --from-file "${0%/*}/tiers.jq" "$run/list.json" >"$run/decisions.json"
future=$(jq -r 'first(.[] | select(.verdict == "future") | .name) // ""' "$run/decisions.json")
[ -z "$future" ] || fail "$future is from the future: a clock is wrong, nothing is removed"

# With the class's policy Retain the provider's snapshot would stay for ever, so its content is told to go too, if it is this snapshot's own.
remove() { # name, uid, content
  api get volumesnapshotcontents "$3" --ignore-not-found --output=json >"$run/content.json" 2>"$run/error" || return 1
  if [ -s "$run/content.json" ]; then
    policy=$(jq -r --arg name "$1" --arg uid "$2" --arg namespace "$NAMESPACE" '.spec | if .volumeSnapshotRef.name == $name
      and .volumeSnapshotRef.uid == $uid and .volumeSnapshotRef.namespace == $namespace then .deletionPolicy else "foreign" end' "$run/content.json")
    case "$policy" in
      Delete) ;;
      Retain) api patch volumesnapshotcontents "$3" --type=merge --patch='{"spec":{"deletionPolicy":"Delete"}}' \
        >"$run/answer" 2>"$run/error" || return 1 ;;
      *)
        printf '%s\n' "$3 is not the content of this snapshot" >"$run/error"
        return 1
        ;;
    esac
  fi
  # A deletion that is stuck must not keep the others waiting.
  api delete volumesnapshots "$1" --namespace="$NAMESPACE" --ignore-not-found --wait=false >"$run/answer" 2>"$run/error"
}

jq -r '.[] | select(.verdict == "expired" or .verdict == "abandoned") | "\(.verdict) \(.name) \(.uid) \(.content)"' \
  "$run/decisions.json" >"$run/doomed"
: >"$run/stuck"
while read -r verdict name uid content; do
  if remove "$name" "$uid" "$content"; then
    log "thin: removed $name ($verdict)"
  else
    printf '%s: %s\n' "$name" "$(tail -n 1 "$run/error")" >>"$run/stuck"
  fi
done <"$run/doomed"
log "thin: $(jq length "$run/decisions.json") snapshots, $(wc -l <"$run/doomed") to remove, $(wc -l <"$run/stuck") not removed"
[ ! -s "$run/stuck" ] || fail "cannot remove $(head -n 1 "$run/stuck")"
