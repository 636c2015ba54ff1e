# Reports to the Pushgateway, where PUSH_URL names one; read with `.` by the step that ends a run.

# Says that a run has succeeded.
report_success() { push_report fill_report; }

# Pushes what a command prints. A report that gets lost changes nothing of a run: what was done is done.
push_report() { # command
  [ -n "${PUSH_URL:-}" ] || return 0
  pushed=$WORK_DIR/push.$$
  if ! "$1" >"$pushed"; then
    log 'push: the report could not be written; the run is what it is all the same'
  elif [ "${PUSH_ASIDE:-false}" = true ]; then
    post_report "$pushed" &
  else
    post_report "$pushed"
  fi
}

fill_report() {
  started=$(sed 's/T/ /; s/Z$//' "$WORK_DIR/run/started") && begun=$(date -u -d "$started" +%s) && now=$(date +%s) &&
    bytes=$(stored_bytes) && sed "s/@finished@/$now/; s/@seconds@/$((now - begun))/; s/@bytes@/$bytes/" <<END
$PUSH_REPORT
END
}

# The bytes that the run has put into the store, by its commit marker; none without one.
stored_bytes() {
  marker=$WORK_DIR/marker/backup.json
  : >"$WORK_DIR/run/stored" && { [ ! -f "$marker" ] || marker_files "$marker" >"$WORK_DIR/run/stored"; } &&
    awk '{ bytes += $2 } END { printf "%.0f\n", bytes }' "$WORK_DIR/run/stored"
}

# From a file, whose last line ends too, and with POST, which replaces only what is reported.
post_report() { # file
  if timeout 15 wget -q -O /dev/null --post-file="$1" "$PUSH_URL"; then
    log "push: reported to $PUSH_URL"
  else
    log "push: $PUSH_URL did not take the report; the run is what it is all the same"
  fi
  rm -f "$1"
}
