#!/bin/sh
# Recovers a database from its archive into a temporary Cluster, and waits until it is ready.
#
# Environment:
#   WORK_DIR          workspace that the steps of a drill share
#   NAMESPACE         namespace of the temporary Cluster
#   CLUSTER           its name
#   CLUSTER_TEMPLATE  file with the Cluster
#   SOURCE            archive that it is recovered from
#   UP_TO_SECONDS     how long ago the moment is that is recovered; empty for the end of the archive
#   JOB_NAME          this Job, which owns the Cluster
#   JOB_UID           its uid
set -eu
# shellcheck source=lib/k8s/scripts/common.sh
. "${0%/*}/common.sh"
# shellcheck source=lib/k8s/scripts/api.sh
. "${0%/*}/api.sh"
# shellcheck source=lib/drills/scripts/drill-cluster.sh
. "${0%/*}/drill-cluster.sh"
help "$@"
: "${WORK_DIR:?}" "${NAMESPACE:?}" "${CLUSTER:?}" "${CLUSTER_TEMPLATE:?}" "${SOURCE:?}" "${UP_TO_SECONDS?}" "${JOB_NAME:?}" "${JOB_UID:?}"

run=$WORK_DIR/run
rm -rf "$run"
mkdir -p "$run"
printf '%s\n' "$SOURCE" >"$run/source"

# What a run that was killed has left.
remove || refused "what an earlier run has left of Cluster $CLUSTER cannot be removed"
date +%s >"$run/began"
moment=
[ -z "$UP_TO_SECONDS" ] || moment=$(date -u -d "@$(($(cat "$run/began") - UP_TO_SECONDS))" +%Y-%m-%dT%H:%M:%SZ)
jq --arg job "$JOB_NAME" --arg uid "$JOB_UID" --arg moment "$moment" '
  .metadata.ownerReferences = [{apiVersion: "batch/v1", kind: "Job", name: $job, uid: $uid}]
  | if $moment == "" then . else .spec.bootstrap.recovery.recoveryTarget = {targetTime: $moment} end' "$CLUSTER_TEMPLATE" >"$run/manifest"
api create --filename="$run/manifest" >"$run/answer" 2>"$run/error" || refused "Cluster $CLUSTER cannot be made"

# The time is limited by the drill's.
seen=
until [ "${ready:-}" = True ]; do
  sleep 2
  api get clusters.postgresql.cnpg.io "$CLUSTER" --namespace="$NAMESPACE" --output=json >"$run/cluster" 2>"$run/error" || continue
  ready=$(jq -r 'first(.status.conditions[]? | select(.type == "Ready") | .status) // "False"' "$run/cluster")
  phase=$(jq -r '[.status.phase, .status.phaseReason] | map(select(. // "" != "")) | join(": ") | gsub("\\s+"; " ")' "$run/cluster")
  if [ "$phase" != "$seen" ]; then
    log "recover: $phase"
    seen=$phase
  fi
  case "$phase" in
    *[Uu]nrecoverable*) fail "the recovery failed: $phase" ;;
  esac
done
log "recover: $CLUSTER from $SOURCE up to ${moment:-its end}, $(($(date +%s) - $(cat "$run/began"))) s"
