# Stops writers while snapshots are cut; read with `.` by snapshot.sh, which sets $run.
# shellcheck disable=SC2154

quiesced=
hook=

in_pod() { # pod, command with one argument a line
  pod=$1
  set -f
  IFS='
'
  # shellcheck disable=SC2086
  set -- $2
  unset IFS
  set +f
  # Killed, since a client that is asked to end may wait for the server.
  timeout -s KILL "$QUIESCE_SECONDS" kubectl exec "$pod" --namespace="$NAMESPACE" \
    ${QUIESCE_CONTAINER:+"--container=$QUIESCE_CONTAINER"} -- "$@" </dev/null >&2
}

quiesce() {
  [ -n "$QUIESCE_PODS" ] || return 0
  api get pods --namespace="$NAMESPACE" --selector="$QUIESCE_PODS" --field-selector=status.phase=Running \
    --output=name >"$run/pods" 2>"$run/error" || refused 'cannot list the pods to quiesce'
  if [ ! -s "$run/pods" ]; then
    log 'quiesce: no pod is running, so nothing writes'
    return 0
  fi
  quiesced=yes
  while read -r pod; do
    # In the background, so that a signal is heeded at once and not when the command ends.
    in_pod "$pod" "$QUIESCE_BEFORE" &
    hook=$!
    wait "$hook" || fail "quiesce: the command failed in $pod; no snapshot was taken"
    hook=
  done <"$run/pods"
}

# Every pod is released, also when another one cannot be.
release() {
  [ -n "$quiesced" ] || return 0
  quiesced=
  # Whoever ends the pod waits for this, and must not end it half-way.
  trap : TERM INT
  # A command that still runs must not stop writers after they were released.
  patience=3
  while [ -n "$hook" ] && kill -0 "$hook" 2>"$run/error" && [ "$patience" -gt 0 ]; do
    patience=$((patience - 1))
    sleep 1
  done
  stuck=
  while read -r pod; do
    in_pod "$pod" "$QUIESCE_AFTER" || stuck="$stuck $pod"
  done <"$run/pods"
  trap 'exit 143' TERM INT
  [ -z "$stuck" ] || fail "quiesce: STILL STOPPED, since the release failed:$stuck"
  log "quiesce: released $(wc -l <"$run/pods") pods"
}
