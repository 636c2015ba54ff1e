#!/bin/sh
# Takes a snapshot of every claim and waits until each is ready; lists the good ones in $WORK_DIR/run/good.json, the others in run/failures.
#
# Environment:
#   WORK_DIR           workspace that the steps of a run share
#   NAMESPACE          namespace of the claims
#   CLAIMS             names of claims separated by spaces; empty where a selector finds them
#   CLAIM_SELECTOR     label selector of the claims; empty where they are named
#   SNAPSHOT_CLASS     VolumeSnapshotClass
#   SCHEDULE           schedule, the middle part of names
#   LABELS             labels of the snapshots, as a selector
#   JOB_NAME           name of the Job, which ends in its scheduled minute when a CronJob made it
#   READY_SECONDS      time in which the snapshots must become ready
#   QUIESCE_PODS       label selector of pods to quiesce; empty for none
#   QUIESCE_CONTAINER  container in them; empty for the default one
#   QUIESCE_BEFORE     command that stops writes, one argument a line
#   QUIESCE_AFTER      command that lets them go on, one argument a line
#   QUIESCE_SECONDS    longest time for each command, and between them
set -eu
# shellcheck source=lib/k8s/scripts/common.sh
. "${0%/*}/common.sh"
# shellcheck source=lib/k8s/scripts/api.sh
. "${0%/*}/api.sh"
# shellcheck source=lib/volumes/scripts/snapshots.sh
. "${0%/*}/snapshots.sh"
# shellcheck source=lib/volumes/scripts/quiesce.sh
. "${0%/*}/quiesce.sh"
help "$@"
: "${WORK_DIR:?}" "${NAMESPACE:?}" "${CLAIMS?}" "${CLAIM_SELECTOR?}" "${SNAPSHOT_CLASS:?}" "${SCHEDULE:?}" "${LABELS:?}" "${JOB_NAME:?}"
: "${READY_SECONDS:?}" "${QUIESCE_PODS?}" "${QUIESCE_CONTAINER?}" "${QUIESCE_BEFORE?}" "${QUIESCE_AFTER?}" "${QUIESCE_SECONDS:?}"

run=$WORK_DIR/run
rm -rf "$run"
mkdir -p "$run"
trap release EXIT
trap 'exit 143' TERM INT
begin=$(date +%s)
id_before 0 >"$run/id"
date -u +%Y-%m-%dT%H:%M:%SZ >"$run/started"
time=$(scheduled_time)
: >"$run/failures"

list_claims
list_snapshots || refused 'cannot list snapshots'
jq --null-input --slurpfile claims "$run/claims.json" --slurpfile list "$run/list.json" --arg class "$SNAPSHOT_CLASS" \
  --arg namespace "$NAMESPACE" --arg schedule "$SCHEDULE" --arg time "$time" --arg labels "$LABELS" \
  --from-file "${0%/*}/snapshots.jq" >"$run/wanted.json"
# What a retry finds was taken by the run before it.
jq -r '.[] | select(.exists | not) | .manifest.metadata.name' "$run/wanted.json" >"$run/missing"
if [ -s "$run/missing" ]; then
  quiesce
  while read -r name; do
    jq --arg name "$name" '.[].manifest | select(.metadata.name == $name)' "$run/wanted.json" >"$run/manifest.json"
    api create --filename="$run/manifest.json" >"$run/created" 2>"$run/error" || failure "$name" "$(tail -n 1 "$run/error")"
  done <"$run/missing"
  # Writes may go on as soon as the snapshots are cut; they become ready later.
  cut=yes
  [ -z "$quiesced" ] || await creationTime "$QUIESCE_SECONDS" || cut=
  release
  [ -n "$cut" ] || fail "the snapshots were not cut within the $QUIESCE_SECONDS s in which writers are stopped"
fi

await readyToUse $((begin + READY_SECONDS - $(date +%s))) || log 'snapshot: not all became ready in time'
jq '[.items[] | select(.status.readyToUse == true and .status.error == null)]' "$run/list.json" >"$run/good.json"
jq -r --slurpfile good "$run/good.json" --slurpfile list "$run/list.json" --argjson lost "$(lost)" \
  '.[].manifest.metadata.name | select(IN($lost[], $good[0][].metadata.name) | not) | . as $name
  | (first($list[0].items[] | select(.metadata.name == $name).status.error.message) // "no error is reported") as $error
  | "\($name): not ready: \($error | gsub("\\s+"; " "))"' "$run/wanted.json" >"$run/unready"
cat "$run/unready" >>"$run/failures"
good=$(jq length "$run/good.json")
log "snapshot: $good ready, $(wc -l <"$run/failures") failed, scheduled $time, $(($(date +%s) - begin)) s"
[ "$good" -gt 0 ] || fail "no snapshot is ready: $(head -n 1 "$run/failures")"
