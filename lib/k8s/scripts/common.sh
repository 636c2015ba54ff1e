# Shared by the step scripts; read with `.`, never run.

# Prints a script's own head comment for --help.
help() {
  if [ "${1:-}" = --help ]; then
    sed -n '2,/^set -eu$/s/^# \{0,1\}//p' "$0"
    exit 0
  fi
}

log() { printf '%s\n' "$*"; }

fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# gpg takes the first line; an empty one would seal with no secret at all.
require_passphrase() { [ -n "$(head -n 1 "$1")" ] || fail "the passphrase in $1 is empty or missing"; }

# The instant so many seconds ago, written as a run id; ids sort as text in the order of time.
id_before() { date -u -d "@$(($(date +%s) - $1))" +%Y%m%dT%H%M%SZ; }

# Whether the first run id is of an earlier time than the second.
earlier() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a < b) }'; }

# Lists the files of a commit marker as "name bytes sha256", one a line.
marker_files() {
  sed -n 's/^ *{"name": "\([^"]*\)", "bytes": \([0-9]*\), "sha256": "\([0-9a-f]*\)"},\{0,1\}$/\1 \2 \3/p' "$1"
}

# Reads one top-level text field of a commit marker: marker_field FILE NAME
marker_field() { sed -n 's/^  "'"$2"'": "\([^"]*\)",\{0,1\}$/\1/p' "$1"; }
