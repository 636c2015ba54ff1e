import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { STORES } from '../stores';
import { VERSIONS } from '../versions';
import { ADDRESSES } from './addresses';
import { goBinary } from './go-binaries';
import { makeServiceAccountKey, startGoogleStore } from './google-store';
import { step } from './log';
import { CACHED, STATE } from './paths';
import { issue } from './pki';
import { attempt, run, until } from './run';
import { sandboxed, startInside } from './sandbox';

const AZURITE = join(CACHED.node, `azurite-${VERSIONS.azurite}`);
/** What the object stores hold, and who may use them. */
export const STORES_FOLDER = join(STATE, 'stores');

/** Where the credentials of the object stores lie while the cluster runs. */
export const CREDENTIALS_FILE = join(STORES_FOLDER, 'credentials.json');

/** Installs the Azure emulator into the cache. */
export async function installAzurite(): Promise<void> {
  if (existsSync(AZURITE)) {
    return;
  }
  await step(`installing Azurite ${VERSIONS.azurite}`, async () => {
    const work = join(CACHED.work, 'azurite');
    await rm(work, { recursive: true, force: true });
    await mkdir(work, { recursive: true });
    await run([
      'npm',
      'install',
      '--prefix',
      work,
      '--no-audit',
      '--no-fund',
      '--no-save',
      `azurite@${VERSIONS.azurite}`,
    ]);
    await mkdir(CACHED.node, { recursive: true });
    await rename(work, AZURITE);
  });
}

/** Starts Azure Blob Storage, an S3 server and Google Cloud Storage under the host names of the configs, with TLS, and with fresh credentials where there are none. */
export async function startObjectStores(): Promise<void> {
  const credentials = existsSync(CREDENTIALS_FILE)
    ? (JSON.parse(await readFile(CREDENTIALS_FILE, 'utf8')) as Credentials)
    : await makeCredentials();

  const azure = await issue(STORES_FOLDER, 'azure', `/CN=azure`, [
    `DNS:${STORES.azure.host}`,
    `DNS:${STORES.azureSecond.host}`,
  ]);
  await startInside(
    'azurite',
    [
      process.execPath,
      join(AZURITE, 'node_modules/azurite/dist/src/blob/main.js'),
      ...['--blobHost', ADDRESSES.azure, '--blobPort', '443', '--cert', azure.certificateFile, '--key', azure.keyFile],
      ...['--location', join(STORES_FOLDER, 'azurite'), '--skipApiVersionCheck', '--disableTelemetry', '--silent'],
    ],
    {
      AZURITE_ACCOUNTS: [
        `${STORES.azure.account}:${credentials.azureKey}`,
        `${STORES.azureSecond.account}:${credentials.azureSecondKey}`,
      ].join(';'),
    },
  );
  const s3 = await issue(STORES_FOLDER, 's3', '/CN=s3', [`DNS:${STORES.s3.host}`]);
  const buckets = join(STORES_FOLDER, 's3');
  await mkdir(join(buckets, STORES.s3.bucket), { recursive: true });
  await startInside('s3', [
    goBinary('rclone'),
    ...['serve', 's3', '--addr', `${ADDRESSES.s3}:443`, '--cert', s3.certificateFile, '--key', s3.keyFile],
    ...['--auth-key', `${credentials.s3AccessKey},${credentials.s3SecretKey}`, '--config', '/dev/null', buckets],
  ]);
  await startGoogleStore(STORES_FOLDER, credentials.gcsKey);
  for (const address of [ADDRESSES.azure, ADDRESSES.s3, ADDRESSES.gcs]) {
    await until(`object store at ${address}`, 30, async () => {
      const probe = `require("node:net").connect(443, "${address}", () => process.exit(0)).on("error", () => process.exit(1))`;
      const outcome = await attempt(await sandboxed([process.execPath, '-e', probe]), { timeoutSeconds: 5 });
      return outcome.code === 0 ? '' : 'no connection';
    });
  }
}

/** Ends the Azure emulator as an operator would: killed, it would forget what it has not yet written to its index. */
export async function stopObjectStores(): Promise<void> {
  const server = ['-f', 'azurite/dist/src/blob/main.js'];
  await attempt(await sandboxed(['pkill', '-TERM', ...server]));
  await until('end of the Azure emulator', 60, async () => (await attempt(await sandboxed(['pgrep', ...server]))).out);
}

/** Who may use the stores. */
interface Credentials {
  readonly azureKey: string;
  readonly azureSecondKey: string;
  readonly s3AccessKey: string;
  readonly s3SecretKey: string;
  readonly gcsKey: string;
}

async function makeCredentials(): Promise<Credentials> {
  const credentials = {
    azureKey: randomBytes(64).toString('base64'),
    azureSecondKey: randomBytes(64).toString('base64'),
    s3AccessKey: randomBytes(10).toString('hex'),
    s3SecretKey: randomBytes(20).toString('hex'),
    gcsKey: makeServiceAccountKey(),
  };
  await mkdir(STORES_FOLDER, { recursive: true });
  await writeFile(CREDENTIALS_FILE, JSON.stringify(credentials));
  await chmod(CREDENTIALS_FILE, 0o600);
  return credentials;
}
