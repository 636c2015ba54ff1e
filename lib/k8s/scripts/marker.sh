# Writes the commit marker; read with `.` by seal.sh.

# One file a line, so that a shell without a JSON parser can read it back: marker_files in common.sh.
write_marker() {
  cat <<END
{
  "version": 1,
  "asset": "$ASSET",
  "tier": "$TIER",
  "runId": "$(cat "$WORK_DIR/run/id")",
  "startedAt": "$(cat "$WORK_DIR/run/started")",
  "finishedAt": "$(date -u +%Y-%m-%dT%H:%M:%SZ)",
  "encryption": {"method": "$SEAL_METHOD", "cipher": "$1", "recipient": "$2"},
  "tools": {$(tool_entries)},
  "files": [
END
  separator=
  for file in "$WORK_DIR/outbox"/*; do
    [ -z "$separator" ] || printf '%s\n' "$separator"
    sum=$(sha256sum "$file")
    printf '    {"name": "%s", "bytes": %s, "sha256": "%s"}' "${file##*/}" "$(stat -c %s "$file")" "${sum%% *}"
    separator=,
  done
  printf '\n  ]\n}\n'
}

tool_entries() {
  separator=
  while IFS='=' read -r tool version; do
    printf '%s"%s": "%s"' "$separator" "$tool" "$version"
    separator=', '
  done <"$WORK_DIR/run/tools"
}
