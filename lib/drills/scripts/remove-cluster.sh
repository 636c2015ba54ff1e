#!/bin/sh
# Removes the temporary Cluster of a drill, also of one that failed; what cannot be removed is a failure of the drill.
#
# Environment:
#   WORK_DIR   workspace that the steps of a drill share
#   NAMESPACE  namespace of the temporary Cluster
#   CLUSTER    its name
set -eu
# shellcheck source=lib/k8s/scripts/common.sh
. "${0%/*}/common.sh"
# shellcheck source=lib/k8s/scripts/api.sh
. "${0%/*}/api.sh"
# shellcheck source=lib/drills/scripts/drill-cluster.sh
. "${0%/*}/drill-cluster.sh"
help "$@"
: "${WORK_DIR:?}" "${NAMESPACE:?}" "${CLUSTER:?}"

run=$WORK_DIR/run
mkdir -p "$run" "$WORK_DIR/drill"
if remove; then
  log "remove: $CLUSTER and its volumes are gone"
  exit 0
fi
message="Cluster $CLUSTER is left; it goes with this Job: $(tr '\n' ' ' <"$run/left")$(tail -n 1 "$run/error")"
log "remove: $message"
# The report says why the drill failed first.
[ -s "$WORK_DIR/drill/failure" ] || printf 'remove: %s\n' "$message" >"$WORK_DIR/drill/failure"
