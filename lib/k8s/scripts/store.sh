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
