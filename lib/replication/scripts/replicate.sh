#!/bin/sh
# Copies what is committed to a second store, proves the bytes stored there, and stores each marker last; deletes and overwrites nothing.
#
# Environment:
#   WORK_DIR     workspace
#   STORE        rclone remote with container or bucket, configured by RCLONE_CONFIG_STORE_*
#   TARGET       the same of the second store, configured by RCLONE_CONFIG_TARGET_*
#   PREFIXES     <prefix>=<marker> separated by spaces: the object that commits a folder; none where each object stands for itself
#   BATCH        most folders or objects that are copied and proven at a time
#   BATCH_BYTES  bytes at which such a batch is full
#   WAL_SECONDS  age of a base backup at which the WAL that it needs must be in the first store
#   PUSH_URL     URL at the Pushgateway that takes the report; without one nothing is reported
#   PUSH_REPORT  the report, in which @finished@ and @seconds@ are filled in
#   PUSH_ASIDE   true to push in the background
set -eu
# shellcheck source=lib/k8s/scripts/common.sh
. "${0%/*}/common.sh"
# shellcheck source=lib/k8s/scripts/push.sh
. "${0%/*}/push.sh"
# shellcheck source=lib/k8s/scripts/store.sh
. "${0%/*}/store.sh"
# shellcheck source=lib/replication/scripts/transfer.sh
. "${0%/*}/transfer.sh"
# shellcheck source=lib/replication/scripts/markers.sh
. "${0%/*}/markers.sh"
# shellcheck source=lib/replication/scripts/replicate-objects.sh
. "${0%/*}/replicate-objects.sh"
# shellcheck source=lib/replication/scripts/replicate-folders.sh
. "${0%/*}/replicate-folders.sh"
help "$@"
: "${WORK_DIR:?}" "${STORE:?}" "${TARGET:?}" "${PREFIXES:?}" "${BATCH:?}" "${BATCH_BYTES:?}" "${WAL_SECONDS:?}"

run=$WORK_DIR/run
rm -rf "$run"
mkdir -p "$run"
: >"$run/problems"
: >"$run/copied"
: >"$run/committed"
date -u +%Y-%m-%dT%H:%M:%SZ >"$run/started"
begin=$(date +%s)

# In the order of PREFIXES: what vouches for others is listed before them, so that they are in the list if it is.
found=false
for entry in $PREFIXES; do
  prefix=${entry%%=*}
  mkdir -p "$run/lists/$prefix"
  list_objects "$STORE/$prefix" "$run/lists/$prefix/.source" --format sp --separator ' '
  list_objects "$TARGET/$prefix" "$run/lists/$prefix/.target" --format sp --separator ' '
  [ ! -s "$run/lists/$prefix/.source" ] || found=true
done
"$found" || fail "the first store holds nothing: is $STORE the right one? On a new installation, take a backup first"

# What a folder's marker may depend on comes first: a base backup is nothing without its WAL.
for entry in $PREFIXES; do
  [ -n "${entry#*=}" ] || replicate_objects "${entry%%=*}"
done
for entry in $PREFIXES; do
  [ -z "${entry#*=}" ] || replicate_folders "${entry%%=*}" "${entry#*=}"
done

log "replicate: $(wc -l <"$run/committed") folders committed, $(wc -l <"$run/copied") single objects stored, $(($(date +%s) - begin)) s"
[ ! -s "$run/problems" ] || fail "$(wc -l <"$run/problems") problems; the second store is not complete"
report_success
