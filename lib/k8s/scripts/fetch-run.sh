#!/bin/sh
# Downloads the newest committed run of one or more tiers that was captured by a given time into $WORK_DIR/backup, for a restore.
#
# Environment:
#   WORK_DIR   workspace that the steps of a run share
#   STORE      rclone remote with container or bucket, configured by RCLONE_CONFIG_STORE_*
#   PREFIXES   prefixes of the tiers separated by spaces
#   NOT_AFTER  run id, e.g. 20240115T143000Z: no run that was captured later; empty for the newest
set -eu
# shellcheck source=lib/k8s/scripts/common.sh
. "${0%/*}/common.sh"
# shellcheck source=lib/k8s/scripts/store.sh
. "${0%/*}/store.sh"
help "$@"
: "${WORK_DIR:?}" "${STORE:?}" "${PREFIXES:?}" "${NOT_AFTER?}"
case "$NOT_AFTER" in
  '') ;;
  [0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]T[0-9][0-9][0-9][0-9][0-9][0-9]Z) ;;
  *) fail "NOT_AFTER is $NOT_AFTER; it must look like 20240115T143000Z" ;;
esac

run=$WORK_DIR/run
rm -rf "$run" "$WORK_DIR/backup"
mkdir -p "$run" "$WORK_DIR/backup"

id=
for prefix in $PREFIXES; do
  list_committed "$prefix" "$run/committed"
  newest=$(awk -v limit="$NOT_AFTER" 'limit == "" || $0 <= limit { id = $0 } END { print id }' "$run/committed")
  log "fetch: $prefix has $(wc -l <"$run/committed") committed runs, $(head -n 1 "$run/committed") to $(tail -n 1 "$run/committed")"
  if [ -n "$newest" ] && { [ -z "$id" ] || earlier "$id" "$newest"; }; then
    id=$newest
    key=$prefix/$newest
  fi
done
[ -n "$id" ] || fail "no committed run of $PREFIXES was captured by ${NOT_AFTER:-now}"
download_run "$key"
