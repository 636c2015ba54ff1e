#!/bin/sh
# Exports cluster objects into $WORK_DIR/capture: one file per kind, without what only the running cluster knows, and an index.
#
# Environment:
#   WORK_DIR    workspace that the steps of a run share
#   RESOURCES   plural names with their group separated by spaces, e.g. secrets deployments.apps; *.<group> is every kind of a group
#   NAMESPACES  namespaces separated by spaces; empty for all
set -eu
# shellcheck source=lib/k8s/scripts/common.sh
. "${0%/*}/common.sh"
help "$@"
: "${WORK_DIR:?}" "${RESOURCES:?}" "${NAMESPACES?}"
# A resource may hold an asterisk.
set -f

capture=$WORK_DIR/capture
run=$WORK_DIR/run
raw=$run/raw
rm -rf "$capture" "$run"
mkdir -p "$capture" "$raw"
code=0
# A failed pod is kept for its log; objects in clear are not, and half an export must not be taken for a whole one.
trap 'code=$?; rm -rf "$raw"; [ "$code" -eq 0 ] || rm -rf "$capture"' EXIT

now=$(date -u '+%Y%m%dT%H%M%SZ %Y-%m-%dT%H:%M:%SZ')
printf '%s\n' "${now% *}" >"$run/id"
printf '%s\n' "${now#* }" >"$run/started"
begin=$(date +%s)

# What the API server said last; lines before it are about retries.
refused() { fail "$1: $(tail -n 1 "$run/error")"; }
unreadable() { fail "cannot read what the API server answered for $1"; }

kubectl version --output=json >"$run/version" 2>"$run/error" || refused 'the API server does not answer'
jq -r '"kubectl=\(.clientVersion.gitVersion)\nkubernetes=\(.serverVersion.gitVersion)"' "$run/version" >"$run/tools"

kinds_of_group() {
  kubectl get --raw "/apis/$1" >"$run/group" 2>"$run/error" || refused "the API server does not know the group $1"
  jq -r '.versions[].groupVersion' "$run/group" >"$run/versions"
  while read -r version; do
    kubectl get --raw "/apis/$version" >"$run/version" 2>"$run/error" || refused "cannot list the kinds of $version"
    jq -r --arg group "$1" '.resources[] | select((.name | contains("/") | not) and (.verbs | index("list")))
      | "\(.name).\($group)"' "$run/version" >>"$run/kinds"
  done <"$run/versions"
}

list() { # kind, where
  kubectl get "$1" "$2" --show-managed-fields --output=json >>"$raw/$1" 2>"$run/error" || refused "cannot export $1"
}

: >"$run/kinds"
for resource in $RESOURCES; do
  case "$resource" in
    '*.'*) kinds_of_group "${resource#??}" ;;
    *) printf '%s\n' "$resource" >>"$run/kinds" ;;
  esac
done
sort -u -o "$run/kinds" "$run/kinds"

while read -r kind; do
  [ -n "$NAMESPACES" ] || list "$kind" --all-namespaces
  for namespace in $NAMESPACES; do
    list "$kind" "--namespace=$namespace"
  done
  jq '.items[].metadata.uid' "$raw/$kind" >>"$run/uids" || unreadable "$kind"
done <"$run/kinds"

while read -r kind; do
  jq --sort-keys --slurp --slurpfile uids "$run/uids" --from-file "${0%/*}/clean.jq" "$raw/$kind" >"$capture/$kind.json" ||
    unreadable "$kind"
  jq --slurp --arg kind "$kind" --argjson kept "$(jq '.items | length' "$capture/$kind.json")" \
    '{kind: $kind, objects: $kept, leftOut: (map(.items[]) | length - $kept)}' "$raw/$kind" >>"$run/counts"
done <"$run/kinds"
jq --sort-keys --slurp --arg namespaces "$NAMESPACES" \
  '{version: 1, namespaces: ($namespaces | split(" ")), kinds: .}' "$run/counts" >"$capture/index.json"
jq -r '"export: \(.kinds | length) kinds, \([.kinds[].objects] | add) objects, \([.kinds[].leftOut] | add) left out"' "$capture/index.json"
log "export: $(($(date +%s) - begin)) s, run $(cat "$run/id")"
