# Shared by steps that list the store; read with `.`, never run.

# Lists objects below a prefix into a file; a prefix that nothing was written to yet is empty, not an error.
list_objects() {
  code=0
  rclone lsf --recursive --files-only "$1" >"$2" || code=$?
  case "$code" in
    0) ;;
    3) : >"$2" ;;
    *) fail "cannot list $1 (rclone exit $code)" ;;
  esac
}
