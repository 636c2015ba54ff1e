# Compares a snapshot of etcd with the checksum that etcd appended to it; read with `.`, never run.

# require_checksum FILE, with room for lists in $WORK_DIR/run
require_checksum() {
  # A sha256 follows the pages, which are multiples of 512 bytes (etcd server/etcdserver/api/v3rpc/maintenance.go).
  bytes=$(stat -c %s "$1")
  [ $((bytes % 512)) -eq 32 ] || fail "the snapshot is incomplete: $bytes bytes"
  rm -f "$WORK_DIR/run/content"
  mkfifo "$WORK_DIR/run/content"
  head -c $((bytes - 32)) "$1" >"$WORK_DIR/run/content" &
  content=$!
  sum=$(sha256sum <"$WORK_DIR/run/content")
  wait "$content" || fail 'the snapshot cannot be read back'
  tail -c 32 "$1" >"$WORK_DIR/run/checksum"
  # shellcheck disable=SC2046 # one word per byte
  expected=$(printf '%s' $(od -An -v -tx1 "$WORK_DIR/run/checksum"))
  [ "${sum%% *}" = "$expected" ] || fail 'the snapshot does not have the checksum that etcd gave it'
}
