#!/bin/sh
# Installs what `npm run test:scripts` runs against, on Debian: PostgreSQL, GnuPG, ShellCheck, BusyBox, and rclone in the version that
# jobs use, built from its Go module into the user's cache folder.
set -eu

rclone_version=1.76.0
bin=${XDG_CACHE_HOME:-$HOME/.cache}/cdk8s-dr/bin

missing=
command -v shellcheck >/dev/null || missing="$missing shellcheck"
command -v busybox >/dev/null || missing="$missing busybox-static"
command -v gpg >/dev/null || missing="$missing gnupg"
command -v setpriv >/dev/null || missing="$missing util-linux"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
if [ -n "$missing" ]; then
  echo "installing$missing"
  apt-get update -qq
  # shellcheck disable=SC2086 # a list of packages
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
fi

if [ -x "$bin/rclone" ] && "$bin/rclone" version | grep -q "^rclone v$rclone_version"; then
  exit 0
fi
command -v go >/dev/null || {
  echo 'error: go is needed to build rclone' >&2
  exit 1
}
echo "building rclone $rclone_version (a few minutes)"
mkdir -p "$bin"
work=$(mktemp -d)
# Go's caches for this one build are several gigabytes.
trap 'rm -rf "$work"' EXIT
GOBIN=$bin GOMODCACHE=$work/mod GOCACHE=$work/build GOFLAGS='-buildvcs=false -modcacherw' GOTOOLCHAIN=local CGO_ENABLED=0 \
  go install -trimpath -ldflags '-s -w' "github.com/rclone/rclone@v$rclone_version"
"$bin/rclone" version | head -n 1
