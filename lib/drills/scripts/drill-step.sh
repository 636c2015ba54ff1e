#!/bin/sh
# Runs one step of a drill. A failure is written down instead of ending the pod, so that a report says it; the steps after it are skipped.
#
# Environment:
#   WORK_DIR       workspace that the steps of a drill share
#   STEP           this step
#   STEP_SCRIPT    its script
#   DRILL_SECONDS  time that all steps have together
set -eu
# shellcheck source=lib/k8s/scripts/common.sh
. "${0%/*}/common.sh"
help "$@"
: "${WORK_DIR:?}" "${STEP:?}" "${STEP_SCRIPT:?}" "${DRILL_SECONDS:?}"

drill=$WORK_DIR/drill
mkdir -p "$drill"
if [ -s "$drill/failure" ]; then
  log "drill: $STEP is skipped"
  exit 0
fi
begin=$(date +%s)
[ -f "$drill/begin" ] || printf '%s\n' "$begin" >"$drill/begin"
left=$(($(cat "$drill/begin") + DRILL_SECONDS - begin))

code=0
if [ "$left" -gt 0 ]; then
  timeout "$left" /bin/sh "${0%/*}/$STEP_SCRIPT" 2>"$drill/error" || code=$?
  cat "$drill/error" >&2
else
  code=124
fi
date +%s >"$drill/end"
printf '%s\t%s\n' "$STEP" "$(($(cat "$drill/end") - begin))" >>"$drill/parts"
case "$code" in
  0) ;;
  # What `timeout` makes of it in the coreutils, and in busybox.
  124 | 143) printf '%s: given up, since the drill took longer than %s s\n' "$STEP" "$DRILL_SECONDS" >"$drill/failure" ;;
  *)
    message=$(sed -n 's/^error: //p' "$drill/error")
    printf '%s: %s\n' "$STEP" "${message:-exit code $code}" >"$drill/failure"
    ;;
esac
