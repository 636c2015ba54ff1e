# Shared by steps that list the store; read with `.`, never run.

# Lists objects below a prefix into a file, with more flags of rclone if given; a prefix that nothing was written to yet is empty, not an error.
list_objects() {
  place=$1
  list=$2
  shift 2
  code=0
  rclone lsf --recursive --files-only "$@" "$place" >"$list" || code=$?
  case "$code" in
    0) ;;
    3) : >"$list" ;;
    *) fail "cannot list $place (rclone exit $code)" ;;
  esac
}

# Lists the ids of the committed runs below a prefix into a file, oldest first.
list_committed() {
  list_objects "$STORE/$1" "$WORK_DIR/run/objects"
  sed -n 's#^\([0-9]\{8\}T[0-9]\{6\}Z\)/backup\.json$#\1#p' "$WORK_DIR/run/objects" >"$2"
  sort -o "$2" "$2"
}

# Downloads the run with a key into $WORK_DIR/backup.
download_run() {
  rclone copy "$STORE/$1" "$WORK_DIR/backup" || fail "download of $1 failed"
  [ -s "$WORK_DIR/backup/backup.json" ] || fail "the marker of $1 is empty, or vanished"
  marker_files "$WORK_DIR/backup/backup.json" >"$WORK_DIR/run/files"
  [ -s "$WORK_DIR/run/files" ] || fail "the marker of $1 lists no files"
  while read -r name _; do
    [ -f "$WORK_DIR/backup/$name" ] || fail "$1 lacks $name, which its marker lists"
  done <"$WORK_DIR/run/files"
  printf '%s\n' "$1" >"$WORK_DIR/run/source"
  log "fetch: $1"
}
