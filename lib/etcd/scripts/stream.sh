#!/bin/sh
# Runs one step of a stream whenever it is its turn, for ever. The steps are containers of one pod that share a workspace.
#
# Environment:
#   WORK_DIR        workspace that the steps share
#   STEP            this step
#   STEP_SCRIPT     its script
#   STEP_SECONDS    time after which it is given up
#   NEXT_STEP       the step whose turn it is then; after the last it is the first's
#   FIRST_STEP      the step that begins a cycle, also after a failure
#   PERIOD_SECONDS  time from the beginning of one cycle to that of the next
set -eu
# shellcheck source=lib/k8s/scripts/common.sh
. "${0%/*}/common.sh"
help "$@"
: "${WORK_DIR:?}" "${STEP:?}" "${STEP_SCRIPT:?}" "${STEP_SECONDS:?}" "${NEXT_STEP:?}" "${FIRST_STEP:?}" "${PERIOD_SECONDS:?}"

child=
# The first process of a container ends on a signal only if it says so.
trap '[ -z "$child" ] || kill "$child" 2>/dev/null || :; exit 143' TERM INT

# A shell looks at signals between commands, but at once while it waits.
attend() {
  "$@" &
  child=$!
  code=0
  wait "$child" || code=$?
  child=
  return "$code"
}

# Renaming is atomic, so that the others never read half a word.
put() { # file, content
  printf '%s\n' "$2" >"$WORK_DIR/.$STEP"
  mv "$WORK_DIR/.$STEP" "$WORK_DIR/$1"
}

begun=0
while :; do
  turn=$FIRST_STEP
  [ ! -f "$WORK_DIR/turn" ] || turn=$(cat "$WORK_DIR/turn")
  now=$(date +%s)
  if [ "$turn" != "$STEP" ] || { [ "$STEP" = "$FIRST_STEP" ] && [ $((now - begun)) -lt "$PERIOD_SECONDS" ] && [ "$now" -ge "$begun" ]; }; then
    attend sleep 0.5
    continue
  fi
  begun=$now
  if attend timeout "$STEP_SECONDS" /bin/sh "${0%/*}/$STEP_SCRIPT"; then
    [ "$NEXT_STEP" != "$FIRST_STEP" ] || put committed "$(cat "$WORK_DIR/run/epoch")"
    put turn "$NEXT_STEP"
  else
    log "stream: $STEP failed; the next cycle begins anew" >&2
    put turn "$FIRST_STEP"
  fi
done
