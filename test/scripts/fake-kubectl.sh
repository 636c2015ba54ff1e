#!/bin/sh
# Stands for kubectl: gives what a test recorded in $HOME/api, and says what kubectl says about everything else.
set -eu

# Tests of scripts that change objects bring a stand-in with a memory.
[ ! -x "$HOME/kubectl" ] || exec "$HOME/kubectl" "$@"

answer() { # name, message when there is nothing
  [ ! -f "$HOME/api/$1.json" ] || cat "$HOME/api/$1.json"
  if [ -f "$HOME/api/$1.error" ]; then
    cat "$HOME/api/$1.error" >&2
    exit 1
  fi
  [ -f "$HOME/api/$1.json" ] || {
    printf '%s\n' "$2" >&2
    exit 1
  }
}

case "$*" in
  'version --output=json') answer version 'The connection to the server 10.96.0.1:443 was refused - did you specify the right host or port?' ;;
  'get --raw '*) answer "${3#/}" 'Error from server (NotFound): the server could not find the requested resource' ;;
  "get $2 --all-namespaces --show-managed-fields --output=json")
    answer "$2" "error: the server doesn't have a resource type \"${2%%.*}\"" ;;
  "get $2 --namespace="*' --show-managed-fields --output=json')
    answer "${3#--namespace=}/$2" "Error from server (Forbidden): ${2%%.*} is forbidden: User \"system:serviceaccount:production:config-backup\" cannot list resource \"${2%%.*}\" in API group \"\" in the namespace \"${3#--namespace=}\"" ;;
  *)
    printf 'unexpected: kubectl %s\n' "$*" >&2
    exit 1
    ;;
esac
