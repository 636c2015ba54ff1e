# Removes the pod of a drill; read with `.`, never run. It sets nothing, and needs $run, $lines and the name of the pod.
# shellcheck disable=SC2154

note() { printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>"$lines"; }

# What the API server said last.
said() { tail -n 1 "$run/error"; }

gone() { # kind, name
  api get "$1" "$2" --namespace="$NAMESPACE" --ignore-not-found --output=name >"$run/left" 2>"$run/error" && [ ! -s "$run/left" ]
}

# The volume goes with the pod, a moment later.
remove() {
  api delete pods "$POD_NAME" --namespace="$NAMESPACE" --ignore-not-found --wait=false >"$run/answer" 2>"$run/error" || return 1
  limit=$(($(date +%s) + 120))
  until gone pods "$POD_NAME" && gone persistentvolumeclaims "$POD_NAME-restored"; do
    [ "$(date +%s)" -lt "$limit" ] || return 1
    sleep 1
  done
}
