#!/bin/sh
# Looks into the store for the newest committed run of each tier and the newest WAL of each archive, and reports how old they are; only lists.
#
# Environment:
#   WORK_DIR         workspace
#   STORE            rclone remote with container or bucket, configured by RCLONE_CONFIG_STORE_*
#   WATCHED          runs:<prefix> and wal:<prefix> separated by spaces: what is looked for below which prefix
#   ANSWER_SECONDS   time that the store has for each answer
#   STORE_SAS_TOKEN  shared access signature, where the store has one: it says when it expires
#   PUSH_URL         URL at the Pushgateway that takes the metrics
#   PUSH_REPORT      the metrics of a look, in which @began@, @seconds@, @expiry@ and for each thing that is looked for @<what>:<prefix>@ are filled in
#   PUSH_FAILURE     the metrics when the store does not answer, in which @seconds@ and @expiry@ are
#   PUSH_ASIDE       true to push in the background
set -eu
# shellcheck source=lib/k8s/scripts/common.sh
. "${0%/*}/common.sh"
# shellcheck source=lib/k8s/scripts/push.sh
. "${0%/*}/push.sh"
# shellcheck source=lib/monitoring/scripts/newest.sh
. "${0%/*}/newest.sh"
help "$@"
: "${WORK_DIR:?}" "${STORE:?}" "${WATCHED:?}" "${ANSWER_SECONDS:?}" "${PUSH_URL:?}" "${PUSH_REPORT:?}" "${PUSH_FAILURE:?}"

export TZ=UTC
run=$WORK_DIR/run
rm -rf "$run"
mkdir -p "$run"
began=$(date +%s)
body=$PUSH_FAILURE
: >"$run/values"
fill() { printf 's#@%s@#%s#\n' "$1" "$2" >>"$run/values"; }

# What is not known is not reported.
fill_look() {
  fill began "$began" && fill seconds $(($(date +%s) - began)) && printf '/@/d\n' >>"$run/values" && sed -f "$run/values" <<END
$body
END
}
# Whatever ends the look, it is told.
trap 'push_report fill_look' EXIT
trap 'exit 143' TERM

expiry() { # signature, after an ampersand
  signed=${1#*&se=}
  date -d "$(sed 's/%3[Aa]/:/g; s/T/ /; s/Z$//' <<END
${signed%%&*}
END
  )" +%s
}
case "&${STORE_SAS_TOKEN:-}" in
  *'&se='*) ! expires=$(expiry "&$STORE_SAS_TOKEN") || fill expiry "$expires" ;;
esac
for watched in $WATCHED; do
  "newest_${watched%%:*}" "${watched#*:}"
  log "probe: $watched: ${found:-nothing}"
  seconds=0
  [ -z "$found" ] || seconds=$(date -d "$found" +%s)
  fill "$watched" "$seconds"
done
body=$PUSH_REPORT
