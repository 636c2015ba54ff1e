#!/bin/sh
# Stops the primary of a Cluster without notice, and waits until another instance has taken over and all are ready again.
#
# Environment:
#   WORK_DIR       workspace that the steps of a drill share
#   NAMESPACE      namespace of the Cluster
#   CLUSTER        its name
#   INSTANCES      instances that must be ready before and after
#   LIMIT_SECONDS  longest time without writes that is not a failure
set -eu
# shellcheck source=lib/k8s/scripts/common.sh
. "${0%/*}/common.sh"
# shellcheck source=lib/k8s/scripts/api.sh
. "${0%/*}/api.sh"
help "$@"
: "${WORK_DIR:?}" "${NAMESPACE:?}" "${CLUSTER:?}" "${INSTANCES:?}" "${LIMIT_SECONDS:?}"

run=$WORK_DIR/run
lines=$run/lines
written=$WORK_DIR/probe/written
rm -rf "$run"
mkdir -p "$run"
: >"$lines"
note() { printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>"$lines"; }
look() { # what it is now: primary, and instances that are ready
  api get clusters.postgresql.cnpg.io "$CLUSTER" --namespace="$NAMESPACE" --output=json >"$run/cluster" 2>"$run/error" || return 1
  primary=$(jq -r '.status.currentPrimary // ""' "$run/cluster")
  ready=$(jq -r '.status.readyInstances // 0' "$run/cluster")
}
writes() { if [ -f "$written" ]; then wc -l <"$written"; else echo 0; fi; }

limit=$(($(date +%s) + 60))
until [ "$(writes)" -ge 3 ]; do
  [ "$(date +%s)" -lt "$limit" ] || fail "nothing can be written to $CLUSTER: it was left as it is: $(head -n 1 "$WORK_DIR/probe/error")"
  sleep 1
done
# A Cluster that is not whole is left alone: this is a rehearsal. Nothing is waited for between this look and what follows from it.
look || refused "cannot read Cluster $CLUSTER"
[ "$ready" -eq "$INSTANCES" ] || fail "$ready of $INSTANCES instances of $CLUSTER are ready: it was left as it is"
old=$primary
printf '%s\n' "$old" >"$run/source"
begin=$(date +%s)
log "failover: $old is stopped"
api delete pods "$old" --namespace="$NAMESPACE" --grace-period=1 --wait=false >"$run/answer" 2>"$run/error" || refused "$old cannot be stopped"

until look && [ -n "$primary" ] && [ "$primary" != "$old" ]; do sleep 1; done
note passed primary "$primary took over from $old after $(($(date +%s) - begin)) s"
before=$(writes)
until [ "$(writes)" -gt "$before" ]; do sleep 1; done
until look && [ "$ready" -eq "$INSTANCES" ]; do sleep 1; done
note passed instances "$ready of $INSTANCES ready again after $(($(date +%s) - begin)) s"

# The longest time between two writes that were acknowledged.
awk 'NR > 1 && $1 - last > gap { gap = $1 - last } { last = $1 } END { print gap + 0 }' "$written" >"$run/measured"
gap=$(cat "$run/measured")
found="stopped for $gap s, at most $LIMIT_SECONDS s are allowed"
if [ "$gap" -le "$LIMIT_SECONDS" ]; then note passed writes "$found"; else note failed writes "$found"; fi
log "failover: writes $found"
