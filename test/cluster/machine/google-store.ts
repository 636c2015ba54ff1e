import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { STORES } from '../stores';
import { ADDRESSES } from './addresses';
import { goBinary } from './go-binaries';
import { issue } from './pki';
import { startInside } from './sandbox';

const { host, tokenHost, bucket, account } = STORES.gcs;

/** Where the store listens behind the door that looks at tokens; nobody else in the sandbox's own network has it. */
const PORT = '4443';

/** A service account's key file as Google hands it out. */
export function makeServiceAccountKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return JSON.stringify({
    type: 'service_account',
    project_id: account.split(/[@.]/)[1],
    private_key_id: 'proving-ground',
    private_key: privateKey,
    client_email: account,
    client_id: '1',
    token_uri: `https://${tokenHost}/token`,
  });
}

/** Starts Google Cloud Storage and its token endpoint for the holder of a service account's key. */
export async function startGoogleStore(folder: string, serviceAccountKey: string): Promise<void> {
  const buckets = join(folder, 'gcs');
  await mkdir(join(buckets, bucket), { recursive: true });
  const publicKeyFile = join(folder, 'gcs-account.pem');
  const { private_key } = JSON.parse(serviceAccountKey) as { private_key: string };
  await writeFile(publicKeyFile, createPublicKey(private_key).export({ type: 'spki', format: 'pem' }));
  await startInside('gcs', [
    goBinary('fake-gcs-server'),
    ...['-scheme', 'http', '-host', '127.0.0.1', '-port', PORT, '-log-level', 'warn'],
    ...['-backend', 'filesystem', '-filesystem-root', buckets],
    ...['-public-host', host, '-external-url', `https://${host}`],
  ]);
  const pair = await issue(folder, 'gcs', '/CN=gcs', [`DNS:${host}`, `DNS:${tokenHost}`]);
  await startInside('google-front', [process.execPath, join(__dirname, 'google-front.cjs')], {
    ADDRESS: ADDRESSES.gcs,
    CERTIFICATE_FILE: pair.certificateFile,
    KEY_FILE: pair.keyFile,
    STORE_PORT: PORT,
    TOKEN_HOST: tokenHost,
    ACCOUNT: account,
    PUBLIC_KEY_FILE: publicKeyFile,
  });
}
