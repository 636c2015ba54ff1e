# Removes the temporary Cluster of a drill with its volumes; read with `.`, never run. It needs $run and the name of the Cluster.
# shellcheck disable=SC2154

# Pods and claims go with the Cluster, a moment later.
left() {
  api get "clusters.postgresql.cnpg.io" "$CLUSTER" --namespace="$NAMESPACE" --ignore-not-found --output=name 2>"$run/error" &&
    api get pods,persistentvolumeclaims --selector="cnpg.io/cluster=$CLUSTER" --namespace="$NAMESPACE" --output=name 2>"$run/error"
}

remove() {
  : >"$run/left"
  api delete clusters.postgresql.cnpg.io "$CLUSTER" --namespace="$NAMESPACE" --ignore-not-found --wait=false >"$run/answer" 2>"$run/error" || return 1
  limit=$(($(date +%s) + 180))
  until left >"$run/left" && [ ! -s "$run/left" ]; do
    [ "$(date +%s)" -lt "$limit" ] || return 1
    sleep 1
  done
}
