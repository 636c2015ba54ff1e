import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { ImageCommands } from './tools';
import { asPostgres, KUBECTL, POSTGRES, RCLONE } from './tools';

/** What a script did. */
export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Images of the scripts; all others run in rclone's. */
const IMAGES: Readonly<Record<string, ImageCommands>> = {
  'dump.sh': POSTGRES,
  'seal.sh': POSTGRES,
  'unseal.sh': POSTGRES,
  'verify.sh': POSTGRES,
  'export.sh': KUBECTL,
  'save-snapshot.sh': KUBECTL,
  'keep-local.sh': POSTGRES,
  'prepare.sh': POSTGRES,
};

/** Scripts lie side by side in the pod, so they do here too. */
export const SCRIPTS = ['k8s', 'database', 'configuration', 'etcd']
  .map((family) => `lib/${family}/scripts`)
  .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));

/** Runs a step with the commands of its image, as the image's user, with nothing in the environment but what is given. */
export function run(folder: string, script: string, env: Record<string, string>, arguments_: string[] = []): Outcome {
  const image = IMAGES[script] ?? RCLONE;
  const command = [...asPostgres(), ...image.shell, join(folder, 'scripts', script), ...arguments_];
  const result = spawnSync(command[0] ?? '', command.slice(1), {
    env: { PATH: image.path, HOME: folder, WORK_DIR: join(folder, 'work'), RCLONE_CONFIG: '/dev/null', ...env },
    cwd: folder,
    encoding: 'utf8',
    timeout: 50_000,
  });
  return { code: result.status ?? 255, out: result.stdout, err: result.stderr };
}

/** Files below a folder, as sorted relative paths. */
export function tree(folder: string): string[] {
  if (!existsSync(folder)) {
    return [];
  }
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}
