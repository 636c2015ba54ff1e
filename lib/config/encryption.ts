import type { SecretKey } from './secret-key';

/** How backup files are sealed before they leave the pod. */
export enum SealMethod {
  /** Files are stored as captured; only the provider's encryption at rest protects them. */
  NONE = 'none',
  /** gpg, AES-256, with a passphrase from a Secret. */
  PASSPHRASE = 'passphrase',
  /** gpg, to a public key; jobs that make backups cannot read them. */
  RECIPIENT = 'recipient',
}

/** The keys of a recipient: the public half seals, the private half is needed by verification and restore only. */
export interface RecipientKeys {
  /** Armoured OpenPGP public key. */
  readonly publicKey: SecretKey;
  /** Armoured OpenPGP private key without passphrase, mounted into verification jobs only. */
  readonly privateKey: SecretKey;
}

/** Client-side encryption of everything that jobs ship. WAL and base backups are encrypted by the provider: the Barman Cloud plugin 0.14 has no client-side encryption. */
export class Encryption {
  /** Seals with AES-256 under a passphrase. */
  public static passphrase(secret: SecretKey): Encryption {
    return new Encryption(SealMethod.PASSPHRASE, secret, undefined);
  }

  /** Seals to a public key, so that a stolen backup job cannot read old backups. */
  public static recipient(keys: RecipientKeys): Encryption {
    return new Encryption(SealMethod.RECIPIENT, undefined, keys);
  }

  /** Does not seal; the plan warns. */
  public static none(): Encryption {
    return new Encryption(SealMethod.NONE, undefined, undefined);
  }

  private constructor(
    /** How files are sealed. */
    public readonly method: SealMethod,
    /** The passphrase, for `passphrase`. */
    public readonly passphraseSecret: SecretKey | undefined,
    /** The key pair, for `recipient`. */
    public readonly recipientKeys: RecipientKeys | undefined,
  ) {}
}
