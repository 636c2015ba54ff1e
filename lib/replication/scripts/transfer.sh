# Copies to the second store and proves what is there; read with `.` by replicate.sh.

# Notes a problem, and lets the rest be copied: one damaged object must not keep all others from the second store.
problem() {
  printf 'error: %s\n' "$*" >&2
  printf '%s\n' "$*" >>"$WORK_DIR/run/problems"
}

# Reports objects that are in both lists with different sizes: transfer_conflicts PREFIX; their keys are left in conflicts.
transfer_conflicts() {
  lists=$WORK_DIR/run/lists/$1
  awk '
    { bytes = $1; sub(/^[0-9]+ /, "") }
    FILENAME == ARGV[1] { there[$0] = bytes; next }
    ($0 in there) && there[$0] != bytes { print bytes, there[$0], $0 }
  ' "$lists/.target" "$lists/.source" >"$lists/.conflicts"
  while read -r bytes there key; do
    problem "$1/$key has $there bytes at the second store and $bytes at the first; it is not overwritten: look at both, and remove the wrong one"
  done <"$lists/.conflicts"
}

# Copies the objects of a list that the second store lacks: transfer FROM PREFIX LIST
transfer() {
  # A directory copy, since only that honours --immutable; checksums make a retry of the same bytes succeed.
  # What fails here is missing later, when it is proven, and told then.
  rclone copy --checksum --immutable --no-traverse --files-from-raw "$3" "$1" "$TARGET/$2" || log "replicate: not all of $2 could be copied"
}

# Reads the listed objects back and compares them byte for byte; leaves those that differ or are missing in unproven: compare FROM PREFIX LIST
compare() {
  matched=$WORK_DIR/run/matched
  : >"$matched"
  rclone check --one-way --download --no-traverse --match "$matched" --files-from-raw "$3" "$1" "$TARGET/$2" ||
    log "replicate: not all of $2 could be proven"
  awk 'FILENAME == ARGV[1] { proven[$0]; next } !($0 in proven)' "$matched" "$3" >"$WORK_DIR/run/unproven"
}

# Explains what could not be proven. What is gone from the first store meanwhile, since it expired, is no problem: explain PREFIX
explain() {
  unproven=$WORK_DIR/run/unproven
  [ -s "$unproven" ] || return 0
  list_objects "$STORE/$1" "$WORK_DIR/run/left" --files-from-raw "$unproven"
  while read -r key; do
    if grep -qxF "$key" "$WORK_DIR/run/left"; then
      problem "$1/$key at the second store is missing, or not what it should be"
    else
      log "replicate: $1/$key expired meanwhile"
    fi
  done <"$unproven"
}
