#!/bin/sh
# Installs what `npm run test:scripts` runs against, on Debian: PostgreSQL, GnuPG, curl, jq, ShellCheck, BusyBox, promtool, and rclone and
# etcd in the versions that jobs use and the S3 server versitygw, built from their Go modules into the user's cache folder.
set -eu
cd "${0%/*}/.."

missing=
command -v shellcheck >/dev/null || missing="$missing shellcheck"
command -v busybox >/dev/null || missing="$missing busybox-static"
command -v curl >/dev/null || missing="$missing curl"
command -v jq >/dev/null || missing="$missing jq"
command -v gpg >/dev/null || missing="$missing gnupg"
command -v promtool >/dev/null || missing="$missing prometheus"
command -v setpriv >/dev/null || missing="$missing util-linux"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
if [ -n "$missing" ]; then
  echo "installing$missing"
  apt-get update -qq
  # shellcheck disable=SC2086 # a list of packages
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
fi
npx tsx test/cluster/machine/cli.ts build rclone etcd etcdctl etcdutl versitygw
