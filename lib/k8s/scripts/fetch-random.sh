#!/bin/sh
# Downloads a random committed run of a random tier into $WORK_DIR/backup: what is only ever kept is proven too.
#
# Environment:
#   WORK_DIR  workspace that the steps of a run share
#   STORE     rclone remote with container or bucket, configured by RCLONE_CONFIG_STORE_*
#   PREFIXES  prefixes of the tiers separated by spaces
set -eu
# shellcheck source=lib/k8s/scripts/common.sh
. "${0%/*}/common.sh"
# shellcheck source=lib/k8s/scripts/store.sh
. "${0%/*}/store.sh"
help "$@"
: "${WORK_DIR:?}" "${STORE:?}" "${PREFIXES:?}"

run=$WORK_DIR/run
rm -rf "$run" "$WORK_DIR/backup"
mkdir -p "$run" "$WORK_DIR/backup"

# Prints a random line of a file.
random_line() {
  head -c 32 /dev/urandom >"$run/random"
  sum=$(sha256sum "$run/random")
  awk -v number="$((0x$(printf '%.7s' "$sum")))" -v count="$(wc -l <"$1")" 'NR == number % count + 1' "$1"
}

# The tier first: of all runs together, nearly all are of the most frequent one.
: >"$run/tiers"
for prefix in $PREFIXES; do
  list_committed "$prefix" "$run/committed"
  [ ! -s "$run/committed" ] || printf '%s\n' "$prefix" >>"$run/tiers"
done
[ -s "$run/tiers" ] || fail "$PREFIXES: no committed backup; on a new installation, run each job once"
prefix=$(random_line "$run/tiers")
list_committed "$prefix" "$run/committed"
download_run "$prefix/$(random_line "$run/committed")"
