# Copies objects that stand for themselves, such as WAL; read with `.` by replicate.sh.

# Copies and proves, in the order of their keys, the objects that the second store lacks: replicate_objects PREFIX
replicate_objects() {
  transfer_conflicts "$1"
  lists=$WORK_DIR/run/lists/$1
  batches=$WORK_DIR/run/batches
  rm -rf "$batches"
  mkdir -p "$batches"
  sort -k 2 -o "$lists/.source" "$lists/.source"
  # A run that was killed may have left objects that it had not proven: they lie within one batch of the first that is missing.
  awk -v batches="$batches" -v most="$BATCH" -v full="$BATCH_BYTES" '
    { bytes = $1; sub(/^[0-9]+ /, "") }
    FILENAME == ARGV[1] { there[$0] = bytes; next }
    ($0 in there) && there[$0] != bytes { next }
    { key[++count] = $0; size[count] = bytes }
    !($0 in there) && !first { first = count }
    END {
      for (i = 1; first && i <= count; i++) {
        near = i >= first - most && i <= first + most
        if ((key[i] in there) && !near) continue
        if (file == "" || inside == most || sum + size[i] > full) {
          if (file != "") close(file)
          file = batches "/" sprintf("%06d", ++number)
          inside = 0
          sum = 0
        }
        inside++
        sum += size[i]
        print key[i] >file
      }
    }
  ' "$lists/.target" "$lists/.source"
  for part in "$batches"/*; do
    [ -f "$part" ] || continue
    transfer "$STORE/$1" "$1" "$part"
    compare "$STORE/$1" "$1" "$part"
    explain "$1"
    awk 'FILENAME == ARGV[1] { unproven[$0]; next } !($0 in unproven)' "$WORK_DIR/run/unproven" "$part" >"$WORK_DIR/run/proven"
    cat "$WORK_DIR/run/proven" >>"$lists/.proven"
    cat "$WORK_DIR/run/proven" >>"$WORK_DIR/run/copied"
  done
}

# Whether an object, with whatever ending, is at the second store: has_object PREFIX NAME
has_object() {
  for list in "$WORK_DIR/run/lists/$1/.target" "$WORK_DIR/run/lists/$1/.proven"; do
    ! is_listed "$list" "$2" || return 0
  done
  return 1
}

# Whether a list has an object, with whatever ending: is_listed LIST NAME
is_listed() { [ -f "$1" ] && grep -qE '(^|[/ ])'"$2"'(\.[a-z0-9]+)?$' "$1"; }
