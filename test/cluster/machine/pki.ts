import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CACHE } from './paths';
import { run } from './run';

/** A certificate with its key, as PEM files. */
export interface KeyPair {
  readonly certificateFile: string;
  readonly keyFile: string;
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** Python since 3.13 insists on the key usage. */
const AUTHORITY = [
  ...['req', '-x509', ...NEW_KEY, '-days', '3650', '-subj', '/CN=cdk8s-dr proving ground'],
  ...['-addext', 'keyUsage=critical,keyCertSign,cRLSign'],
];

/** The authority that images trust; kept with them in the cache, since it is part of what they are made from. */
export async function testAuthority(): Promise<KeyPair & { readonly certificate: string }> {
  const folder = join(CACHE, 'pki');
  const name = `ca-${createHash('sha256').update(AUTHORITY.join(' ')).digest('hex').slice(0, 12)}`;
  const certificateFile = join(folder, `${name}.crt`);
  const keyFile = join(folder, `${name}.key`);
  if (!existsSync(certificateFile)) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const fresh = join(folder, 'fresh.crt');
    await openssl([...AUTHORITY, '-keyout', keyFile, '-out', fresh]);
    await rename(fresh, certificateFile);
  }
  return { certificateFile, keyFile, certificate: await readFile(certificateFile, 'utf8') };
}

/** Issues a certificate for servers and clients. Names are like `DNS:localhost` and `IP:127.0.0.1`. */
export async function issue(folder: string, name: string, subject: string, names: readonly string[]): Promise<KeyPair> {
  const authority = await testAuthority();
  const file = (suffix: string) => join(folder, `${name}.${suffix}`);
  await mkdir(folder, { recursive: true });
  await openssl([...['req', ...NEW_KEY, '-subj', subject, '-keyout', file('key'), '-out', file('csr')]]);
  await writeFile(
    file('ext'),
    [
      `subjectAltName=${names.join(',')}`,
      'basicConstraints=CA:FALSE',
      'keyUsage=digitalSignature',
      'extendedKeyUsage=serverAuth,clientAuth',
      'authorityKeyIdentifier=keyid',
      '',
    ].join('\n'),
  );
  await openssl([
    ...['x509', '-req', '-in', file('csr'), '-CA', authority.certificateFile, '-CAkey', authority.keyFile],
    ...['-set_serial', `0x${Buffer.from(`${name}${Date.now()}`).toString('hex').slice(-32)}`, '-days', '365'],
    ...['-extfile', file('ext'), '-out', file('crt')],
  ]);
  return { certificateFile: file('crt'), keyFile: file('key') };
}

/** Makes a certificate that is its own authority. */
export async function selfSigned(folder: string, name: string, dnsName: string): Promise<KeyPair> {
  const certificateFile = join(folder, `${name}.crt`);
  const keyFile = join(folder, `${name}.key`);
  await mkdir(folder, { recursive: true });
  await openssl([
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '365'],
    ...[
      '-subj',
      `/CN=${name}`,
      '-addext',
      `subjectAltName=DNS:${dnsName}`,
      '-keyout',
      keyFile,
      '-out',
      certificateFile,
    ],
  ]);
  return { certificateFile, keyFile };
}

function openssl(args: readonly string[]): Promise<string> {
  return run(['openssl', ...args]);
}
