# Writes the report of a verification from its result lines; read with `.` by verify.sh.
# shellcheck disable=SC2154 # lines, report and captured_at are verify.sh's

write_report() {
  status=passed
  ! grep -q '^failed' "$lines" || status=failed
  awk -F '\t' -v status="$status" -v source="$(cat "$WORK_DIR/run/source")" -v captured="$captured_at" -v seconds="$1" '
    function text(value) { gsub(/[\\"]/, "\\\\&", value); gsub(/[[:cntrl:]]/, " ", value); return "\"" value "\"" }
    BEGIN {
      printf "{\n  \"version\": 1,\n  \"status\": %s,\n  \"source\": %s,\n", text(status), text(source)
      printf "  \"capturedAt\": %s,\n  \"restoreSeconds\": %d,\n  \"checks\": [", text(captured), seconds
    }
    { printf "%s\n    {\"name\": %s, \"result\": %s, \"found\": %s}", (NR > 1 ? "," : ""), text($2), text($1), text($3) }
    END { print "\n  ]\n}" }' "$lines" >"$report/report.json"
  {
    printf 'verification of %s: %s, restored in %s s\n' "$(cat "$WORK_DIR/run/source")" "$status" "$1"
    awk -F '\t' '{ print $1 ": " $2 ": " $3 }' "$lines"
  } >"$report/report.txt"
  cat "$report/report.txt"
  [ "$status" = passed ] || fail "verification failed: $(sed -n '/^failed: /{s/^failed: //p;q;}' "$report/report.txt")"
}
