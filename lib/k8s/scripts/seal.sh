#!/bin/sh
# Seals what was captured into $WORK_DIR/outbox and writes the commit marker to $WORK_DIR/marker.
#
# Environment:
#   WORK_DIR              workspace that the steps of a run share
#   ASSET                 asset the backup is of
#   TIER                  tier of the backup
#   SEAL_METHOD           passphrase, recipient or none
#   SEAL_PASSPHRASE_FILE  file with the passphrase, for passphrase
#   SEAL_PUBLIC_KEY_FILE  armoured public key, for recipient
set -eu
# shellcheck source=lib/k8s/scripts/common.sh
. "${0%/*}/common.sh"
help "$@"
: "${WORK_DIR:?}" "${ASSET:?}" "${TIER:?}" "${SEAL_METHOD:?}"

capture=$WORK_DIR/capture
outbox=$WORK_DIR/outbox
marker=$WORK_DIR/marker
pipe=$WORK_DIR/run/pipe
export GNUPGHOME="$WORK_DIR/gnupg"
# A capture that was restored to prove it needs its scratch no longer.
rm -rf "$outbox" "$marker" "$GNUPGHOME" "$pipe" "$WORK_DIR/scratch"
mkdir -p "$outbox" "$marker"
mkdir -m 700 "$GNUPGHOME"
# A failed pod is kept for its log; what was captured is not, since it is in clear.
trap '[ $? -eq 0 ] || rm -rf "$capture"' EXIT

recipient=
suffix=.gpg
cipher=AES256
case "$SEAL_METHOD" in
  passphrase) require_passphrase "${SEAL_PASSPHRASE_FILE:?}" ;;
  recipient)
    gpg --batch --quiet --import "${SEAL_PUBLIC_KEY_FILE:?}" || fail "cannot import the public key in $SEAL_PUBLIC_KEY_FILE"
    gpg --batch --with-colons --list-keys >"$GNUPGHOME/keys"
    recipient=$(sed -n '/^fpr:/{s/^fpr:*\([0-9A-F]*\):.*/\1/p;q;}' "$GNUPGHOME/keys")
    ;;
  none) suffix='' cipher=none ;;
  *) fail "SEAL_METHOD is $SEAL_METHOD; allowed: passphrase, recipient, none" ;;
esac

seal() {
  case "$SEAL_METHOD" in
    passphrase) gpg --batch --no-tty --quiet --pinentry-mode loopback --passphrase-file "$SEAL_PASSPHRASE_FILE" \
      --cipher-algo AES256 --compress-algo none --symmetric ;;
    recipient) gpg --batch --no-tty --quiet --trust-model always --recipient "$recipient" \
      --cipher-algo AES256 --compress-algo none --encrypt ;;
    none) cat ;;
  esac
}

for entry in "$capture"/*; do
  [ -e "$entry" ] || fail "nothing was captured"
  name=${entry##*/}
  if [ -d "$entry" ]; then
    # A named pipe, so that the packed copy needs no space of its own and either side's failure is seen.
    mkfifo "$pipe"
    tar -C "$capture" -cf "$pipe" "$name" &
    seal <"$pipe" >"$outbox/$name.tar$suffix" || fail "sealing $name failed"
    wait $! || fail "packing $name failed"
    rm "$pipe"
  else
    seal <"$entry" >"$outbox/$name$suffix" || fail "sealing $name failed"
  fi
  rm -rf "$entry"
done
rm -rf "$GNUPGHOME"
# shellcheck source=lib/k8s/scripts/marker.sh
. "${0%/*}/marker.sh"
write_marker "$cipher" "$recipient" >"$marker/backup.json"
log "seal: $SEAL_METHOD, marker written for run $(cat "$WORK_DIR/run/id")"
