# Reads the markers of folders; read with `.` by replicate.sh.

# Names the folders whose marker says that they are complete, and that are: accept_folders PREFIX MARKER; they are left in accepted.
accept_folders() {
  : >"$WORK_DIR/run/expected"
  : >"$WORK_DIR/run/accepted"
  case "$2" in
    backup.info) accept_base_backups "$1" ;;
    *) accept_runs "$1" "$2" ;;
  esac
  # Newest first: the copy that matters most.
  sort -r -o "$WORK_DIR/run/accepted" "$WORK_DIR/run/accepted"
}

# Reads thousands of markers at once, each as marker_files of common.sh reads one.
accept_runs() {
  run=$WORK_DIR/run
  find "$run/markers" -name "$2" >"$run/found"
  find "$run/markers" -name "$2" -exec awk -F '"' '
    function end() { if (folder != "") print (last != "}" ? "cut" : files ? "whole" : "empty"), folder }
    FNR == 1 { end(); depth = split(FILENAME, part, "/"); folder = part[depth - 1]; files = 0 }
    { last = $0 }
    $2 == "name" && $6 == "bytes" && $8 == "sha256" { files++; gsub(/[^0-9]/, "", $7); print "file", $7, $10, folder "/" $4 }
    END { end() }
  ' {} + >"$run/listed"
  awk -v expected="$run/expected" -v accepted="$run/accepted" '
    FILENAME == ARGV[1] { bytes = $1; sub(/^[0-9]+ /, ""); there[$0] = bytes; next }
    FILENAME == ARGV[2] && $1 != "file" { state[$2] = $1; next }
    FILENAME == ARGV[2] {
      bytes = $2; sum = $3; sub(/^[a-z]+ [0-9]+ [0-9a-f]+ /, ""); folder = $0; sub(/\/.*/, "", folder)
      print sum "  " $0 >expected
      if (there[$0] != bytes) lost[folder] = "lists " $0 " with " bytes " bytes, which is not in the first store"
      next
    }
    { depth = split($0, part, "/"); folder = part[depth - 1] }
    state[folder] == "empty" { print folder, "lists no files"; next }
    state[folder] != "whole" { print folder, "is cut off"; next }
    folder in lost { print folder, lost[folder]; next }
    { print folder >accepted }
  ' "$run/lists/$1/.source" "$run/listed" "$run/found" >"$run/refused"
  while read -r folder why; do
    problem "the marker of $1/$folder $why"
  done <"$run/refused"
}

# Barman stores backup.info when a backup starts and again when it ends; a base backup is nothing without the WAL written meanwhile.
accept_base_backups() {
  for marker in "$WORK_DIR/run/markers"/*/backup.info; do
    [ -f "$marker" ] || continue
    folder=${marker%/*}
    folder=${folder##*/}
    awk -F = '$1 == "status" { done = $2 == "DONE" } END { exit !done }' "$marker" || {
      log "replicate: base backup $1/$folder is not done"
      continue
    }
    awk -F = '$1 == "begin_wal" || $1 == "end_wal" { print $2 }' "$marker" >"$WORK_DIR/run/segments"
    missing=
    lost=
    while read -r segment; do
      has_object "${1%/*}/wals" "$segment" || missing=$segment
      is_listed "$WORK_DIR/run/lists/${1%/*}/wals/.source" "$segment" || lost=$segment
    done <"$WORK_DIR/run/segments"
    if [ -z "$missing" ]; then
      printf '%s\n' "$folder" >>"$WORK_DIR/run/accepted"
    elif [ -n "$lost" ] && earlier "$folder" "$(id_before "$WAL_SECONDS")"; then
      problem "base backup $1/$folder needs WAL segment $lost, which the first store does not have: nothing can be restored from it"
    else
      log "replicate: base backup $1/$folder waits for WAL segment $missing"
    fi
  done
}
