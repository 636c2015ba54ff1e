# Finds the newest of what lies below a prefix, and leaves its time in $found, empty for nothing; read with `.`, never run. It needs $run.
# shellcheck disable=SC2154,SC2034

# Lists what is right below a place, with flags of rclone; what nothing was written to yet is empty, not an error.
ask() { # place, flags
  place=$1
  shift
  code=0
  timeout "$ANSWER_SECONDS" rclone lsf "$@" "$place" >"$run/answer" 2>"$run/error" || code=$?
  case "$code" in
    0 | 3) ;;
    *) fail "the store does not answer: cannot list $place (exit $code) $(tail -n 1 "$run/error")" ;;
  esac
  sort -r -o "$run/answer" "$run/answer"
}

newest_runs() { # prefix
  ask "$STORE/$1" --dirs-only
  sed -n 's#^\([0-9]\{4\}\)\([0-9]\{2\}\)\([0-9]\{2\}\)T\([0-9]\{2\}\)\([0-9]\{2\}\)\([0-9]\{2\}\)Z/$#& \1-\2-\3 \4:\5:\6#p' "$run/answer" >"$run/runs"
  while read -r folder found; do
    ask "$STORE/$1/${folder%/}" --files-only
    ! grep -qx backup.json "$run/answer" || return 0
  done <"$run/runs"
  found=
}

newest_wal() { # prefix
  ask "$STORE/$1" --dirs-only
  folder=$(sed -n '/^[0-9A-F]\{16\}\/$/{p;q;}' "$run/answer")
  found=
  [ -n "$folder" ] || return 0
  # The time of an upload is in the list; one that a client noted itself would be asked for file by file.
  ask "$STORE/$1/${folder%/}" --files-only --format t --use-server-modtime
  found=$(head -n 1 "$run/answer")
}
