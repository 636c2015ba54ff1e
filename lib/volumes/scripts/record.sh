#!/bin/sh
# Writes a record of every good snapshot into $WORK_DIR/capture: what a new cluster needs to import it.
#
# Environment:
#   WORK_DIR  workspace that the steps of a run share
set -eu
# shellcheck source=lib/k8s/scripts/common.sh
. "${0%/*}/common.sh"
# shellcheck source=lib/k8s/scripts/api.sh
. "${0%/*}/api.sh"
help "$@"
: "${WORK_DIR:?}"

run=$WORK_DIR/run
capture=$WORK_DIR/capture
rm -rf "$capture"
mkdir -p "$capture"
api version --output=json >"$run/version" 2>"$run/error" || refused 'the API server does not answer'
jq -r '"kubectl=\(.clientVersion.gitVersion)\nkubernetes=\(.serverVersion.gitVersion)"' "$run/version" >"$run/tools"

jq -r '.[] | "\(.metadata.name) \(.status.boundVolumeSnapshotContentName)"' "$run/good.json" >"$run/bound"
records=0
while read -r name content; do
  api get volumesnapshotcontents "$content" --output=json >"$run/content.json" 2>"$run/error" || {
    failure "$name" "no record: $(tail -n 1 "$run/error")"
    continue
  }
  jq --sort-keys --arg name "$name" --slurpfile content "$run/content.json" --slurpfile claims "$run/claims.json" \
    --from-file "${0%/*}/record.jq" "$run/good.json" >"$run/record.json" 2>"$run/error" || {
    failure "$name" "no record: $(tail -n 1 "$run/error")"
    continue
  }
  mv "$run/record.json" "$capture/$name.json"
  records=$((records + 1))
done <"$run/bound"
log "record: $records records"
