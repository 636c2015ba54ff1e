# Examines a restored database; read with `.` by scripts that set $database, $lines and $captured_at.
# shellcheck disable=SC2154

# Every check runs, so that one report names everything that is wrong: result TAB name TAB what was found.
note() { printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>"$lines"; }

restored() { # psql's options
  psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 --dbname="$database" "$@"
}

check_corruption() {
  if pg_amcheck --install-missing --jobs="$VERIFY_JOBS" --database="$database" >"$WORK_DIR/run/amcheck.log" 2>&1; then
    note passed corruption 'pg_amcheck found nothing'
  else
    note failed corruption "$(head -n 1 "$WORK_DIR/run/amcheck.log")"
  fi
}

check() { # file
  name=${1##*/}
  name=${name#*-}
  name=${name%.sql}
  if ! answer=$(restored --field-separator=' ' --set=captured_at="$captured_at" --file="$1" 2>"$WORK_DIR/run/error"); then
    note failed "$name" "$(head -n 1 "$WORK_DIR/run/error")"
    return
  fi
  case "$answer" in
    '' | *'
'*) note failed "$name" 'must return exactly one row' ;;
    t | 't '*) note passed "$name" "${answer#t }" ;;
    f | 'f '*) note failed "$name" "${answer#f }" ;;
    *) note failed "$name" "$answer" ;;
  esac
}

# Rows and bytes of every table, the one with most rows first.
list_tables() {
  tab=$(printf '\t')
  restored --field-separator="$tab" --file="${0%/*}/tables.sql" >"$WORK_DIR/run/tables" 2>"$WORK_DIR/run/error" ||
    note failed tables "$(head -n 1 "$WORK_DIR/run/error")"
  sort -t "$tab" -k 2,2nr -k 1,1 -o "$WORK_DIR/run/tables" "$WORK_DIR/run/tables"
}
