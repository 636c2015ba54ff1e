# Reads a dump back; read with `.` by dump.sh.

# Reads and uncompresses everything in a dump, since listing one succeeds though it is cut off: read_back DUMP READERS
read_back() {
  pg_restore --list --file="$WORK_DIR/run/contents" "$1" || fail "the contents of the dump cannot be listed"
  share_out "$1" "$2" || fail "the dump cannot be shared out among its readers; is the workspace full?"
  readers=
  for share in "$WORK_DIR/run"/share.*; do
    read_share "$1" "$share" "$WORK_DIR/run/pipe.${share##*.}" &
    readers="$readers $!"
  done
  unreadable=
  # All are waited for, so that the reason is the last line of the log.
  for reader in $readers; do
    wait "$reader" || unreadable=yes
  done
  [ -z "$unreadable" ] || fail "the dump cannot be read back in full"
  rm "$WORK_DIR/run/sizes" "$WORK_DIR/run/entries" "$WORK_DIR/run"/share.* "$WORK_DIR/run"/pipe.*
}

# Writes what each reader reads to $WORK_DIR/run/share.N: the largest entry that is left goes to the reader that has least.
share_out() {
  # In a directory the data of an entry is in a file of its number; a dump in one file has one reader.
  find "$1" -name '*.dat*' -printf '%s %f\n' >"$WORK_DIR/run/sizes" &&
    awk 'FILENAME == ARGV[1] { size[$2 + 0] = $1; next } /^[0-9]/ { print size[$1 + 0] + 1, $0 }' \
      "$WORK_DIR/run/sizes" "$WORK_DIR/run/contents" >"$WORK_DIR/run/entries" &&
    sort -rn -o "$WORK_DIR/run/entries" "$WORK_DIR/run/entries" &&
    awk -v readers="$2" -v share="$WORK_DIR/run/share." '
      BEGIN { for (n = 1; n <= readers; n++) printf "" >(share n) }
      {
        least = 1
        for (n = 2; n <= readers; n++) if (held[n] < held[least]) least = n
        held[least] += $1
        sub(/^[0-9]+ /, "")
        print >(share least)
      }' "$WORK_DIR/run/entries" &&
    [ "$(awk 'END { print NR }' "$WORK_DIR/run"/share.*)" -eq "$(grep -c '^[0-9]' "$WORK_DIR/run/contents" || true)" ]
}

# Reads a share of a dump and sees the end of every table in it: read_share DUMP SHARE PIPE
read_share() {
  tables=$(count_tables "$2")
  mkfifo "$3"
  pg_restore --section=data --use-list="$2" --file=- "$1" >"$3" &
  # Of files that are cut off pg_restore says nothing, unless they were compressed with gzip.
  ended=$(LC_ALL=C grep -acxF '\.' <"$3" || true)
  wait $! || return
  [ "$ended" = "$tables" ] || { printf '%s of %s tables have no end\n' "$((tables - ended))" "$tables" >&2 && return 1; }
}

# How many tables with data a list of entries has.
count_tables() { grep -cE '^[0-9]+; [0-9]+ [0-9]+ TABLE DATA ' "$1" || true; }
