# Copies folders that a marker commits: runs, and base backups of Barman; read with `.` by replicate.sh.

# Copies, proves and commits, newest first, the folders that the second store lacks in whole or in part: replicate_folders PREFIX MARKER
replicate_folders() {
  transfer_conflicts "$1"
  lists=$WORK_DIR/run/lists/$1
  run=$WORK_DIR/run
  batches=$run/batches
  rm -rf "$run/markers" "$batches"
  mkdir -p "$run/markers" "$batches"
  awk -v marker="$2" '
    { bytes = $1; sub(/^[0-9]+ /, ""); folder = $0; sub(/\/.*/, "", folder) }
    FILENAME == ARGV[1] { there[$0] = bytes; next }
    !($0 in there) { lacking[folder]; next }
    there[$0] != bytes { conflicting[folder] }
    END { for (folder in lacking) if (!(folder in conflicting)) print folder "/" marker }
  ' "$lists/.target" "$lists/.source" >"$run/wanted"
  [ -s "$run/wanted" ] || return 0
  # Those of folders that are not committed do not exist, and are left out.
  rclone copy --no-traverse --files-from-raw "$run/wanted" "$STORE/$1" "$run/markers" || problem "cannot read all markers of $1"
  accept_folders "$1" "$2"
  awk -v batches="$batches" -v most="$BATCH" -v full="$BATCH_BYTES" '
    FILENAME == ARGV[1] { bytes = $1; sub(/^[0-9]+ /, ""); sub(/\/.*/, ""); size[$0] += bytes; next }
    {
      if (file == "" || inside == most || sum + size[$0] > full) {
        if (file != "") close(file)
        file = batches "/" sprintf("%06d", ++number)
        inside = 0
        sum = 0
      }
      inside++
      sum += size[$0]
      print >file
    }
  ' "$lists/.source" "$run/accepted"
  for part in "$batches"/*; do
    [ ! -f "$part" ] || replicate_batch "$1" "$2" "$part"
  done
}

# replicate_batch PREFIX MARKER BATCH
replicate_batch() {
  awk -v marker="$2" '
    FILENAME == ARGV[1] { batch[$0]; next }
    { sub(/^[0-9]+ /, ""); folder = $0; sub(/\/.*/, "", folder) }
    (folder in batch) && $0 != folder "/" marker
  ' "$3" "$lists/.source" >"$run/files"
  transfer "$STORE/$1" "$1" "$run/files"
  prove "$1" "$2" "$run/files"
  explain "$1"
  awk -v marker="$2" '
    FILENAME == ARGV[1] { sub(/\/.*/, ""); unproven[$0]; next }
    !($0 in unproven) { print $0 "/" marker }
  ' "$run/unproven" "$3" >"$run/proven"
  [ -s "$run/proven" ] || return 0
  transfer "$run/markers" "$1" "$run/proven"
  compare "$run/markers" "$1" "$run/proven"
  while read -r key; do
    problem "the marker $1/$key could not be stored"
  done <"$run/unproven"
  cat "$run/proven" >>"$run/committed"
}

# Reads the listed objects back; leaves those that are not what they must be in unproven: prove PREFIX MARKER LIST
prove() {
  if [ "$2" = backup.info ]; then
    compare "$STORE/$1" "$1" "$3"
    return
  fi
  # Markers of runs have the checksums of what was captured, so that damage in the first store shows too.
  rclone hashsum sha256 --download --no-traverse --files-from-raw "$3" "$TARGET/$1" >"$run/sums" ||
    log "replicate: not all of $1 could be read back"
  awk '
    FILENAME == ARGV[1] { expected[$0]; sub(/^[0-9a-f]+  /, ""); listed[$0]; next }
    FILENAME == ARGV[2] { line = $0; sub(/^[0-9a-f]+  /, ""); if ((line in expected) || !($0 in listed)) proven[$0]; next }
    !($0 in proven)
  ' "$run/expected" "$run/sums" "$3" >"$run/unproven"
}
