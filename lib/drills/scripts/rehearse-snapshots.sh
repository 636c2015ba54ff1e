#!/bin/sh
# Restores the newest good snapshot of each claim into a volume of a pod that reads it, one after the other, and removes both.
#
# Environment:
#   WORK_DIR      workspace that the steps of a drill share
#   NAMESPACE     namespace of the snapshots
#   LABELS        labels of the asset's scheduled snapshots, as a selector
#   CLAIMS        names of claims separated by spaces, each of which must have a snapshot; empty where a selector finds them
#   POD_NAME      name of the pod
#   POD_TEMPLATE  file with the pod
#   JOB_NAME      this Job, which owns the pod
#   JOB_UID       its uid
set -eu
# shellcheck source=lib/k8s/scripts/common.sh
. "${0%/*}/common.sh"
# shellcheck source=lib/k8s/scripts/api.sh
. "${0%/*}/api.sh"
# shellcheck source=lib/drills/scripts/drill-pod.sh
. "${0%/*}/drill-pod.sh"
help "$@"
: "${WORK_DIR:?}" "${NAMESPACE:?}" "${LABELS:?}" "${CLAIMS?}" "${POD_NAME:?}" "${POD_TEMPLATE:?}" "${JOB_NAME:?}" "${JOB_UID:?}"

run=$WORK_DIR/run
lines=$run/lines
rm -rf "$run"
mkdir -p "$run"
: >"$lines"

trap 'remove || log "rehearse: $POD_NAME is left; it goes with this Job: $(said)"' EXIT
trap 'exit 143' TERM INT

# Waits until the pod has ended, and prints what it found; the time is limited by the drill's.
await() {
  until [ "${phase:-}" = Succeeded ] || [ "${phase:-}" = Failed ]; do
    sleep 2
    api get pods "$POD_NAME" --namespace="$NAMESPACE" --output=json >"$run/pod" 2>"$run/error" || continue
    phase=$(jq -r .status.phase "$run/pod")
  done
  found=$(jq -r 'first(.status.containerStatuses[]?.state.terminated.message // empty) // .status.message // "no message" | gsub("\\s+"; " ")' "$run/pod")
}

rehearse() { # claim, snapshot, size
  begin=$(date +%s)
  phase=
  api get persistentvolumeclaims "$1" --namespace="$NAMESPACE" --ignore-not-found --output=json >"$run/claim" 2>"$run/error" || return 1
  jq --slurpfile claim "$run/claim" --arg snapshot "$2" --arg size "$3" --arg job "$JOB_NAME" --arg uid "$JOB_UID" \
    --from-file "${0%/*}/pod.jq" "$POD_TEMPLATE" >"$run/manifest" 2>"$run/error" || return 1
  api create --filename="$run/manifest" >"$run/answer" 2>"$run/error" || return 1
  await
  remove || return 1
  result=passed
  [ "$phase" = Succeeded ] || result=failed
  note "$result" "$1" "$2: $found, $(($(date +%s) - begin)) s"
}

# What a run that was killed has left.
remove || refused 'what an earlier run has left cannot be removed'
api get volumesnapshots --namespace="$NAMESPACE" --selector="$LABELS" --output=json >"$run/list" 2>"$run/error" || refused 'cannot list snapshots'
jq --from-file "${0%/*}/newest.jq" "$run/list" >"$run/newest"
jq -r --arg claims "$CLAIMS" 'map(.claim) as $found | $claims | split(" ")[] | select(. != "" and (IN($found[]) | not))' "$run/newest" >"$run/missing"
while read -r claim; do
  note failed "$claim" 'has no good snapshot'
done <"$run/missing"
jq -r '.[] | "\(.claim) \(.name) \(.size // "")"' "$run/newest" >"$run/doing"
while read -r claim name size; do
  rehearse "$claim" "$name" "$size" </dev/null || note failed "$claim" "$name: $(said)"
done <"$run/doing"
awk '{ printf "%s%s", (NR > 1 ? ", " : ""), $2 }' "$run/doing" >"$run/source"
[ -s "$lines" ] || fail 'there is no good snapshot'
! grep -q '^failed' "$lines" || fail "$(awk -F '\t' '$1 == "failed" { print $2 ": " $3; exit }' "$lines")"
log "rehearse: $(wc -l <"$lines") claims"
