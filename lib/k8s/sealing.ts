import type { Encryption } from '../config';
import { SealMethod } from '../config';
import type { EnvironmentVariable, SecretFile } from '../storage';

const PASSPHRASE_PATH = '/seal/passphrase';
const PUBLIC_KEY_PATH = '/seal/public.asc';
const PRIVATE_KEY_PATH = '/unseal/private.asc';

/** What a step that seals or opens is given. */
export interface SealInputs {
  readonly environment: EnvironmentVariable[];
  readonly files: SecretFile[];
}

/** Inputs of a step that seals: it never sees a private key. */
export function sealInputs(encryption: Encryption): SealInputs {
  const { passphraseSecret, recipientKeys } = encryption;
  const files: Record<SealMethod, EnvironmentVariable[]> = {
    [SealMethod.NONE]: [],
    [SealMethod.PASSPHRASE]: [{ name: 'SEAL_PASSPHRASE_FILE', value: PASSPHRASE_PATH }],
    [SealMethod.RECIPIENT]: [{ name: 'SEAL_PUBLIC_KEY_FILE', value: PUBLIC_KEY_PATH }],
  };
  return {
    environment: [{ name: 'SEAL_METHOD', value: encryption.method }, ...files[encryption.method]],
    files: [
      ...(passphraseSecret === undefined ? [] : [{ secret: passphraseSecret, path: PASSPHRASE_PATH }]),
      ...(recipientKeys === undefined ? [] : [{ secret: recipientKeys.publicKey, path: PUBLIC_KEY_PATH }]),
    ],
  };
}

/** Inputs of a step that opens what was sealed. */
export function unsealInputs(encryption: Encryption): SealInputs {
  const { passphraseSecret, recipientKeys } = encryption;
  const files: Record<SealMethod, EnvironmentVariable[]> = {
    [SealMethod.NONE]: [],
    [SealMethod.PASSPHRASE]: [{ name: 'SEAL_PASSPHRASE_FILE', value: PASSPHRASE_PATH }],
    [SealMethod.RECIPIENT]: [{ name: 'SEAL_PRIVATE_KEY_FILE', value: PRIVATE_KEY_PATH }],
  };
  return {
    environment: [{ name: 'SEAL_METHOD', value: encryption.method }, ...files[encryption.method]],
    files: [
      ...(passphraseSecret === undefined ? [] : [{ secret: passphraseSecret, path: PASSPHRASE_PATH }]),
      ...(recipientKeys === undefined ? [] : [{ secret: recipientKeys.privateKey, path: PRIVATE_KEY_PATH }]),
    ],
  };
}
