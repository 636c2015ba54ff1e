#!/bin/sh
# Compares an opened snapshot of etcd with its checksum: a failure here is reported, one of `etcdutl`, which no shell runs, is not.
#
# Environment:
#   WORK_DIR  workspace that the steps of a drill share
set -eu
# shellcheck source=lib/k8s/scripts/common.sh
. "${0%/*}/common.sh"
# shellcheck source=lib/etcd/scripts/checksum.sh
. "${0%/*}/checksum.sh"
help "$@"
: "${WORK_DIR:?}"

snapshot=$WORK_DIR/restored/etcd.db
[ -f "$snapshot" ] || fail 'the backup holds no snapshot of etcd'
require_checksum "$snapshot"
log "check: $bytes bytes, as etcd saved them"
