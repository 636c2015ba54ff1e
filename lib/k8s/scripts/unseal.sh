#!/bin/sh
# Compares a downloaded run with its marker and opens it into $WORK_DIR/restored.
#
# Environment:
#   WORK_DIR               workspace that the steps of a run share
#   SEAL_METHOD            passphrase, recipient or none
#   SEAL_PASSPHRASE_FILE   file with the passphrase, for passphrase
#   SEAL_PRIVATE_KEY_FILE  armoured private key, for recipient
set -eu
# shellcheck source=lib/k8s/scripts/common.sh
. "${0%/*}/common.sh"
help "$@"
: "${WORK_DIR:?}" "${SEAL_METHOD:?}"

backup=$WORK_DIR/backup
marker=$backup/backup.json
restored=$WORK_DIR/restored
files=$WORK_DIR/run/files
pipe=$WORK_DIR/run/pipe
export GNUPGHOME="$WORK_DIR/gnupg"
rm -rf "$restored" "$GNUPGHOME" "$pipe"
mkdir -p "$restored"
mkdir -m 700 "$GNUPGHOME"
code=0
# A failed decryption may leave part of the plaintext behind.
trap 'code=$?; rm -rf "$GNUPGHOME" "$pipe"; [ "$code" -eq 0 ] || rm -rf "$restored"' EXIT

[ "$(tail -n 1 "$marker")" = '}' ] || fail "the marker is cut off"
marker_files "$marker" >"$files"
[ -s "$files" ] || fail "the marker lists no files"
while read -r name bytes sha256; do
  [ -f "$backup/$name" ] || fail "$name is missing"
  [ "$(stat -c %s "$backup/$name")" = "$bytes" ] || fail "$name has $(stat -c %s "$backup/$name") bytes, its marker says $bytes"
  sum=$(sha256sum "$backup/$name")
  [ "${sum%% *}" = "$sha256" ] || fail "$name differs from what was stored: its checksum does not match the marker"
done <"$files"
for file in "$backup"/*; do
  name=${file##*/}
  [ "$name" = backup.json ] || grep -q "^$name " "$files" || fail "$name is not part of the backup: its marker does not list it"
done

case "$SEAL_METHOD" in
  passphrase) require_passphrase "${SEAL_PASSPHRASE_FILE:?}" ;;
  recipient) gpg --batch --quiet --import "${SEAL_PRIVATE_KEY_FILE:?}" || fail "cannot import the private key" ;;
  none) ;;
  *) fail "SEAL_METHOD is $SEAL_METHOD; allowed: passphrase, recipient, none" ;;
esac

unseal() {
  case "$SEAL_METHOD" in
    passphrase) gpg --batch --no-tty --quiet --pinentry-mode loopback --passphrase-file "$SEAL_PASSPHRASE_FILE" --decrypt ;;
    recipient) gpg --batch --no-tty --quiet --pinentry-mode loopback --decrypt ;;
    none) cat ;;
  esac
}

mkfifo "$pipe"
while read -r name _; do
  plain=${name%.gpg}
  case "$plain" in
    *.tar)
      opened=0 unpacked=0
      unseal <"$backup/$name" >"$pipe" &
      # From a pipe by its name tar would take each read for a record; a file would have no room for its words on a full disk.
      said=$(tar -C "$restored" -xf - <"$pipe" 2>&1) || unpacked=$?
      wait $! || opened=$?
      said=${said%%'
'*}
      [ "$unpacked" -eq 0 ] || case "${said:=tar ended with $unpacked without a word}" in
        *'Wrote only'* | *'No space left'*) fail "$name cannot be unpacked: $said; is the workspace full?" ;;
        'tar ended'*) fail "$name cannot be unpacked: $said" ;;
      esac
      [ "$opened" -eq 0 ] || fail "$name cannot be opened: wrong key or damaged"
      [ "$unpacked" -eq 0 ] || fail "$name cannot be unpacked: $said"
      ;;
    *) unseal <"$backup/$name" >"$restored/$plain" || fail "$name cannot be opened: wrong key or damaged" ;;
  esac
  rm "$backup/$name"
done <"$files"
log "unseal: $(wc -l <"$files") files match the marker and were opened"
