# Writes the report of a drill as JSON and as text, and what is pushed of it; read with `.`, never run. It sets nothing, and needs what drill-report.sh has found out.
# shellcheck disable=SC2154

write_json_report() { # time
  fact drill "$DRILL"
  fact asset "$ASSET"
  fact status "$status"
  [ "$status" = passed ] || fact failure "$(cat "$drill/failure")"
  fact startedAt "$(date -u -d "@$(cat "$drill/begin")" +%Y-%m-%dT%H:%M:%SZ)"
  fact finishedAt "$1"
  fact source "$(cat "$run/source")"
  figure restoreSeconds "$restore"
  figure assumedSeconds "$ASSUMED_SECONDS"
  figure plannedSeconds "$PLANNED_SECONDS"
  figure rtoSeconds "$RTO_SECONDS"
  fact rto "$rto"
  write_json list=parts:name,seconds "$drill/parts" list=checks:result,name,found "$run/lines" \
    list=tables:name,rows,bytes "$run/tables"
}

write_text_report() { # time
  printf '%s: %s\n' "$DRILL_TITLE" "$1"
  [ "$status" = passed ] && printf 'Status: PASSED\n' || printf 'Status: FAILED\nFailure: %s\n' "$(cat "$drill/failure")"
  printf 'Asset: %s\nSource: %s\n' "$ASSET" "$(cat "$run/source")"
  printf 'Restore: %s s (%s)\n' "$restore" "$(awk -F '\t' '{ printf "%s%s %d s", (NR > 1 ? ", " : ""), $1, $2 }' "$drill/parts")"
  printf 'Recovery: %s s with what is assumed (%s); planned %s s\nRTO: %s s, %s\n' "$recovery" "$ASSUMED_PARTS" "$PLANNED_SECONDS" "$RTO_SECONDS" "$rto"
  awk -F '\t' '{ print $1 ": " $2 ": " $3 }' "$run/lines"
  awk -F '\t' '{ print "Table: " $1 ": " $2 " rows, " $3 " bytes" }' "$run/tables"
}

# What was measured is pushed only of a restore that was completed.
fill_drill_report() {
  body=$PUSH_REPORT
  [ "$rto" != unknown ] || body=$PUSH_FAILURE
  sed "s/@finished@/$(date +%s)/; s/@seconds@/$restore/; s/@recovery@/$recovery/" <<END
$body
END
}
