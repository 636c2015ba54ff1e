import { existsSync } from 'node:fs';
import { step } from './log';
import { run } from './run';

/** What the machine needs beside Go, Node and Python, each with a file that tells whether it is there. */
const PACKAGES: readonly (readonly [string, string])[] = [
  ['containerd', '/usr/bin/containerd'],
  ['runc', '/usr/sbin/runc'],
  ['containernetworking-plugins', '/usr/lib/cni/bridge'],
  ['nftables', '/usr/sbin/nft'],
  ['iproute2', '/usr/sbin/ip'],
  ['openssl', '/usr/bin/openssl'],
  ['tini', '/usr/bin/tini'],
  ['busybox-static', '/usr/share/doc/busybox-static'],
  ['mmdebstrap', '/usr/bin/mmdebstrap'],
  ['debian-archive-keyring', '/usr/share/keyrings/debian-archive-trixie-stable.gpg'],
];

/** Installs the Debian packages that are missing; Debian's policy decides whether daemons start, and none is used. */
export async function installDebianPackages(): Promise<void> {
  const missing = PACKAGES.filter(([, file]) => !existsSync(file)).map(([name]) => name);
  if (missing.length === 0) {
    return;
  }
  await step(`installing ${missing.join(', ')}`, async () => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await run(['apt-get', 'update', '-qq'], { env });
    await run(['apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...missing], { env });
  });
}
