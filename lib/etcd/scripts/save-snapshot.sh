#!/bin/sh
# Saves one snapshot through etcd's JSON gateway into $WORK_DIR/capture, and checks it against the checksum that etcd appends.
#
# Environment:
#   WORK_DIR          workspace that the steps of a run share
#   ETCD_ENDPOINT     address of the member, e.g. https://127.0.0.1:2379
#   ETCD_CA_FILE      authority of etcd
#   ETCD_CERT_FILE    certificate of a client
#   ETCD_KEY_FILE     key of the client
#   ETCD_MAX_SECONDS  time after which a snapshot is given up
set -eu
# shellcheck source=lib/k8s/scripts/common.sh
. "${0%/*}/common.sh"
# shellcheck source=lib/etcd/scripts/checksum.sh
. "${0%/*}/checksum.sh"
help "$@"
: "${WORK_DIR:?}" "${ETCD_ENDPOINT:?}" "${ETCD_CA_FILE:?}" "${ETCD_CERT_FILE:?}" "${ETCD_KEY_FILE:?}" "${ETCD_MAX_SECONDS:?}"

run=$WORK_DIR/run
capture=$WORK_DIR/capture
file=$run/etcd.db
rm -rf "$run" "$capture"
mkdir -p "$run" "$capture"
trap '[ $? -eq 0 ] || rm -rf "$capture" "$file"' EXIT

date +%s >"$run/epoch"
now=$(date -u -d "@$(cat "$run/epoch")" '+%Y%m%dT%H%M%SZ %Y-%m-%dT%H:%M:%SZ')
printf '%s\n' "${now% *}" >"$run/id"
printf '%s\n' "${now#* }" >"$run/started"

post() { # method
  curl --silent --show-error --fail --max-time "$ETCD_MAX_SECONDS" --cacert "$ETCD_CA_FILE" --cert "$ETCD_CERT_FILE" \
    --key "$ETCD_KEY_FILE" --data '{}' "$ETCD_ENDPOINT/v3/maintenance/$1"
}

post status >"$run/status" || fail "etcd at $ETCD_ENDPOINT does not answer"
jq -r '"etcd=\(.version)"' "$run/status" >"$run/tools" || fail "what etcd at $ETCD_ENDPOINT answered cannot be read"

# Named pipes, so that neither the JSON nor its base64 needs space and every side's failure is seen.
mkfifo "$run/json" "$run/base64"
post snapshot >"$run/json" &
download=$!
jq -r 'if .result then .result.blob // "" else error(.error.message // "no result") end' <"$run/json" >"$run/base64" &
extract=$!
base64 -d <"$run/base64" >"$file" || fail 'the snapshot is not base64'
wait "$download" || fail 'the snapshot broke off'
wait "$extract" || fail 'the snapshot holds an error'

require_checksum "$file"
mv "$file" "$capture/etcd.db"
log "save: $bytes bytes, run ${now% *}"
