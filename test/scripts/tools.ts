import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdtempSync, readdirSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { KUBECTL_IMAGE, RCLONE_IMAGE } from '../../lib/config';
import { postgresTools } from '../../lib/config/images';
import { goBinaryFolder } from '../cluster/machine/go-binaries';

/** Where the rclone lies that was built in the version that jobs use. */
const BUILT_RCLONE = goBinaryFolder('rclone');

/** What images on Alpine have beside busybox. */
const OWN_BINARIES = ['curl', 'jq'];

/** A folder that holds just the commands that an image has, so that a script that calls another one fails as it would there. */
export interface ImageCommands {
  readonly shell: string[];
  readonly path: string;
}

/** PostgreSQL image: dash, coreutils, gpg, PostgreSQL. */
export const POSTGRES = imageCommands(postgresTools(17).commands, false);

/** rclone image: busybox and rclone. */
export const RCLONE = imageCommands(RCLONE_IMAGE.commands, true);

/** kubectl image: busybox, jq, and a kubectl that gives recorded answers. */
export const KUBECTL = imageCommands(KUBECTL_IMAGE.commands, true);

/** Absolute path of a real tool; a missing one fails the suite, since skipping would prove nothing. */
export function tool(name: string): string {
  const found = searchPath().find((folder) => existsSync(join(folder, name)));
  if (found === undefined) {
    throw new Error(`${name} is not installed; .ci/run installs what the script tests need`);
  }
  return join(found, name);
}

/** Prefix that runs a command as the unprivileged user that PostgreSQL insists on. */
export function asPostgres(): string[] {
  return process.getuid?.() === 0 ? [tool('setpriv'), '--reuid=postgres', '--regid=postgres', '--clear-groups'] : [];
}

/** A folder that the unprivileged user may write to. */
export function workFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dr-scripts-'));
  if (process.getuid?.() === 0) {
    spawnSync('chown', ['postgres:postgres', folder]);
  }
  chmodSync(folder, 0o755);
  return folder;
}

function imageCommands(commands: readonly string[], busybox: boolean): ImageCommands {
  const path = mkdtempSync(join(tmpdir(), 'dr-image-'));
  chmodSync(path, 0o755);
  for (const name of commands) {
    if (name === 'kubectl') {
      copyFileSync(join(__dirname, 'fake-kubectl.sh'), join(path, name));
      chmodSync(join(path, name), 0o755);
    } else if (name === 'rclone') {
      // The cache may lie in a home folder that the unprivileged user cannot enter.
      copyFileSync(tool(name), join(path, name));
    } else {
      symlinkSync(busybox && !OWN_BINARIES.includes(name) ? tool('busybox') : tool(name), join(path, name));
    }
  }
  return { shell: busybox ? [tool('busybox'), 'sh'] : [tool('dash')], path };
}

function searchPath(): string[] {
  const postgres = '/usr/lib/postgresql';
  const versions = existsSync(postgres) ? readdirSync(postgres).sort((a, b) => Number(b) - Number(a)) : [];
  return [
    ...versions.map((version) => join(postgres, version, 'bin')),
    BUILT_RCLONE,
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/bin',
    '/bin',
  ];
}
