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

/** The authority that images trust; kept with them in the cache, since it is part of what they are made from. */
export async function testAuthority(): Promise<KeyPair & { readonly certificate: string }> {
  const folder = join(CACHE, 'pki');
  const certificateFile = join(folder, 'ca.crt');
  const keyFile = join(folder, 'ca.key');
  if (!existsSync(certificateFile)) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const fresh = join(folder, 'fresh.crt');
    await openssl([
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '3650'],
      ...['-subj', '/CN=cdk8s-dr proving ground', '-keyout', keyFile, '-out', fresh],
    ]);
    await rename(fresh, certificateFile);
  }
  return { certificateFile, keyFile, certificate: await readFile(certificateFile, 'utf8') };
}

/** Issues a certificate for servers and clients. Names are like `DNS:localhost` and `IP:127.0.0.1`. */
export async function issue(folder: string, name: string, subject: string, names: readonly string[]): Promise<KeyPair> {
  const authority = await testAuthority();
  const file = (suffix: string) => join(folder, `${name}.${suffix}`);
  await mkdir(folder, { recursive: true });
  await openssl([
    ...['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', subject],
    ...['-keyout', file('key'), '-out', file('csr')],
  ]);
  await writeFile(
    file('ext'),
    `subjectAltName=${names.join(',')}\nkeyUsage=digitalSignature\nextendedKeyUsage=serverAuth,clientAuth\n`,
  );
  await openssl([
    ...['x509', '-req', '-in', file('csr'), '-CA', authority.certificateFile, '-CAkey', authority.keyFile],
    ...['-set_serial', `0x${Buffer.from(`${name}${Date.now()}`).toString('hex').slice(-32)}`, '-days', '365'],
    ...['-extfile', file('ext'), '-out', file('crt')],
  ]);
  return { certificateFile: file('crt'), keyFile: file('key') };
}

function openssl(args: readonly string[]): Promise<string> {
  return run(['openssl', ...args]);
}
