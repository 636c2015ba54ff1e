#!/bin/sh
# Stores the report of a drill as text and JSON, and fails when the drill did, or when a recovery would take longer than it may.
#
# Environment:
#   WORK_DIR         workspace that the steps of a drill share
#   STORE            rclone remote with container or bucket, configured by RCLONE_CONFIG_STORE_*
#   KEY_PREFIX       key prefix of the reports
#   DRILL            kind of drill, which its reports are called after, e.g. restore-test
#   DRILL_TITLE      the same for people, e.g. Restore Test
#   ASSET            what was restored
#   ASSUMED_SECONDS  time of the parts of a recovery that no drill can measure
#   ASSUMED_PARTS    these parts in words
#   PLANNED_SECONDS  time that a recovery is planned to take
#   RTO_SECONDS      objective of the asset
#   LIMIT_SECONDS    longest recovery that is not a failure
#   ONLY_FAILURE     true to do nothing unless a step has failed
#   PUSH_URL         URL at the Pushgateway that takes the metrics; without one nothing is pushed
#   PUSH_REPORT      the metrics of a restore that was completed, in which @finished@, @seconds@ and @recovery@ are filled in
#   PUSH_FAILURE     the metrics of one that was not, in which @finished@ is
#   PUSH_ASIDE       true to push in the background
set -eu
# shellcheck source=lib/k8s/scripts/common.sh
. "${0%/*}/common.sh"
# shellcheck source=lib/k8s/scripts/report.sh
. "${0%/*}/report.sh"
# shellcheck source=lib/drills/scripts/drill-forms.sh
. "${0%/*}/drill-forms.sh"
# shellcheck source=lib/k8s/scripts/push.sh
. "${0%/*}/push.sh"
help "$@"
: "${WORK_DIR:?}" "${STORE:?}" "${KEY_PREFIX:?}" "${DRILL:?}" "${DRILL_TITLE:?}" "${ASSET:?}" "${ASSUMED_SECONDS:?}" "${ASSUMED_PARTS:?}"
: "${PLANNED_SECONDS:?}" "${RTO_SECONDS:?}" "${LIMIT_SECONDS:?}" "${ONLY_FAILURE:?}"

drill=$WORK_DIR/drill
[ "$ONLY_FAILURE" = false ] || [ -s "$drill/failure" ] || exit 0
run=$WORK_DIR/run
report=$WORK_DIR/report
# A failed pod is kept for its log; what was restored is not. A server that still runs may be faster than the removal of its files.
rm -rf "$WORK_DIR/restored" "$WORK_DIR/pgdata" "$WORK_DIR/member" || log 'report: some of what was restored is left in this pod'
rm -rf "$report" "$run/facts"
mkdir -p "$report" "$run"
for list in lines tables source; do
  [ -f "$run/$list" ] || : >"$run/$list"
done

# A step may know better than by its own duration what it measured.
restore=$(cat "$run/measured" 2>/dev/null || awk -F '\t' '{ sum += $2 } END { print sum + 0 }' "$drill/parts")
recovery=$((restore + ASSUMED_SECONDS))
rto=met
[ "$recovery" -le "$RTO_SECONDS" ] || rto='not met'
# How long a restore takes is known only when one was completed.
[ ! -s "$drill/failure" ] || rto=unknown
if [ "$rto" != unknown ] && [ "$recovery" -gt "$LIMIT_SECONDS" ]; then
  printf 'a recovery takes %s s; at most %s s are allowed\n' "$recovery" "$LIMIT_SECONDS" >"$drill/failure"
fi
status=passed
[ ! -s "$drill/failure" ] || status=failed

now=$(date -u '+%Y-%m-%dT%H:%M:%SZ %Y%m%d-%H%M%S')
name=$DRILL-${now#* }
write_json_report "${now% *}" >"$report/$name.json"
write_text_report "${now% *}" >"$report/$name.txt"
cat "$report/$name.txt"

rclone copy --checksum --immutable "$report" "$STORE/$KEY_PREFIX" || fail "upload of $name to $STORE/$KEY_PREFIX failed"
log "report: $STORE/$KEY_PREFIX/$name"
push_report fill_drill_report
[ "$status" = passed ] || fail "$(cat "$drill/failure")"
