#!/bin/sh
# Examines a restored member of etcd through its JSON gateway: counts its keys and reads every value.
#
# Environment:
#   WORK_DIR       workspace that the steps of a drill share
#   ETCD_ENDPOINT  address of the member
#   MINIMUM_KEYS   keys that it must hold at least
#   START_SECONDS  time that it has to start
set -eu
# shellcheck source=lib/k8s/scripts/common.sh
. "${0%/*}/common.sh"
help "$@"
: "${WORK_DIR:?}" "${ETCD_ENDPOINT:?}" "${MINIMUM_KEYS:?}" "${START_SECONDS:?}"

run=$WORK_DIR/run
lines=$run/lines
: >"$lines"
note() { printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>"$lines"; }
post() { # method, request
  curl --silent --show-error --fail --max-time 60 --data "$2" "$ETCD_ENDPOINT/v3/$1"
}

# What went by since the last step was restored and started without a shell to time it.
printf 'restore\t%s\n' "$(($(date +%s) - $(cat "$WORK_DIR/drill/end")))" >>"$WORK_DIR/drill/parts"
limit=$(($(date +%s) + START_SECONDS))
until post maintenance/status '{}' >"$run/status" 2>"$run/error"; do
  [ "$(date +%s)" -lt "$limit" ] || fail "the restored member does not start within $START_SECONDS s: $(tail -n 1 "$run/error")"
  sleep 1
done

# From the zero byte to the zero byte is every key (etcd api/etcdserverpb, RangeRequest).
post kv/range '{"key":"AA==","range_end":"AA==","count_only":true}' >"$run/range" || fail 'the restored member cannot count its keys'
keys=$(jq -r '.count // "0"' "$run/range")
revision=$(jq -r '.header.revision' "$run/range")
found="$keys keys at revision $revision, at least $MINIMUM_KEYS expected"
if [ "$keys" -ge "$MINIMUM_KEYS" ]; then
  note passed keys "$found"
else
  note failed keys "$found"
fi
if post maintenance/hashkv '{}' >"$run/hash" 2>"$run/error"; then
  note passed values "every value was read; hash $(jq -r '.hash' "$run/hash")"
else
  note failed values "$(tail -n 1 "$run/error")"
fi
log "examine: $found"
! grep -q '^failed' "$lines" || fail "the restored member holds too little: $(awk -F '\t' '$1 == "failed" { print $2 ": " $3; exit }' "$lines")"
