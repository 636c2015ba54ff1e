# Reads claims and snapshots of a run; read with `.` by snapshot.sh, which sets $run, $begin and $time.
# shellcheck disable=SC2154

# A CronJob names its Jobs after the scheduled minute (kubernetes pkg/controller/cronjob); a Job that a person made is scheduled now.
scheduled_time() {
  minute=${JOB_NAME##*-}
  case "$minute" in
    '') minute=0 ;;
    0*) minute=0 ;;
    *[!0-9]*) minute=0 ;;
  esac
  late=$((begin - minute * 60))
  [ "$late" -ge 0 ] && [ "$late" -lt 86400 ] || late=0
  date -u -d "@$((begin - late))" +%Y%m%dT%H%M%SZ
}

# The claims of a run, in one order, as the array $run/claims.json.
list_claims() {
  if [ -n "$CLAIM_SELECTOR" ]; then
    set -- "--selector=$CLAIM_SELECTOR"
  else
    # shellcheck disable=SC2086
    set -- $CLAIMS --ignore-not-found
  fi
  api get persistentvolumeclaims "$@" --namespace="$NAMESPACE" --output=json >"$run/api.json" 2>"$run/error" ||
    refused 'cannot read the claims'
  jq --slurp '[.[] | if has("items") then .items[] else . end] | sort_by(.metadata.name)' "$run/api.json" >"$run/all.json"
  jq -r --arg names "$CLAIMS" '(map(.metadata.name)) as $found
    | ($names | split(" ") | .[] | select(. != "" and (IN($found[]) | not)) | "\(.): the claim does not exist"),
      (.[] | select(.status.phase != "Bound") | "\(.metadata.name): the claim is not bound")' "$run/all.json" >>"$run/failures"
  jq 'map(select(.status.phase == "Bound"))' "$run/all.json" >"$run/claims.json"
}

# The snapshots of this run.
list_snapshots() {
  api get volumesnapshots --namespace="$NAMESPACE" --selector="$LABELS,cdk8s-dr/scheduled=$time" --output=json \
    >"$run/answer.json" 2>"$run/error" && mv "$run/answer.json" "$run/list.json"
}

# Waits until a field of every snapshot of this run is set; an answer that does not come is waited for too.
await() { # field of the status, seconds
  limit=$(($(date +%s) + $2))
  until list_snapshots && [ "$(without "$1")" = 0 ]; do
    [ "$(date +%s)" -lt "$limit" ] || return 1
    # In the background, so that a signal is heeded at once.
    sleep 2 &
    wait $!
  done
}

# How many snapshots, of those that could be created, lack a field.
without() {
  jq --arg field "$1" --slurpfile list "$run/list.json" --argjson lost "$(lost)" 'map(.manifest.metadata.name) - $lost
    - [$list[0].items[] | select(.status[$field]) | .metadata.name] | length' "$run/wanted.json"
}

# Names of what could not be created, as JSON.
lost() { jq --raw-input --null-input '[inputs | sub(": .*"; "")]' "$run/failures"; }
