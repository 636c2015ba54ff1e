import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import type { ImageCommands } from './tools';
import { asPostgres, KUBECTL, POSTGRES, RCLONE, workFolder } from './tools';

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
  'restore.sh': POSTGRES,
  'export.sh': KUBECTL,
  'snapshot.sh': KUBECTL,
  'record.sh': KUBECTL,
  'conclude.sh': KUBECTL,
  'thin.sh': KUBECTL,
  'save-snapshot.sh': KUBECTL,
  'keep-local.sh': POSTGRES,
  'prepare.sh': POSTGRES,
  'check-snapshot.sh': KUBECTL,
  'examine-etcd.sh': KUBECTL,
  'rehearse-snapshots.sh': KUBECTL,
  'recover-cluster.sh': KUBECTL,
  'remove-cluster.sh': KUBECTL,
  'validate-cluster.sh': POSTGRES,
  'fail-over.sh': KUBECTL,
  'probe-writes.sh': POSTGRES,
  'read-volume.sh': POSTGRES,
};

/** Scripts lie side by side in the pod, so they do here too. */
export const SCRIPTS = ['k8s', 'database', 'configuration', 'volumes', 'etcd', 'drills', 'replication', 'monitoring']
  .map((family) => `lib/${family}/scripts`)
  .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));

/** Makes the folder of a pod, with every script and some folders, all of them the step's own. */
export function podFolder(...names: string[]): string {
  const folder = workFolder();
  for (const name of ['scripts', 'work', ...names]) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  for (const script of SCRIPTS) {
    copyFileSync(script, join(folder, 'scripts', basename(script)));
  }
  own(folder);
  return folder;
}

/** Gives files that a test has written to the user that steps run as. */
export function own(folder: string): void {
  spawnSync('chown', ['-R', 'postgres', folder]);
}

/** Puts a stand-in, which is a module of this folder, in the place of kubectl. */
export function standInForKubectl(folder: string, module: string): void {
  const program = join(folder, 'kubectl');
  writeFileSync(program, `#!${process.execPath}\n${readFileSync(join(__dirname, module), 'utf8')}`);
  chmodSync(program, 0o755);
}

/** Runs a step with the commands of its image, as the image's user, with nothing in the environment but what is given. */
export function run(folder: string, script: string, env: Record<string, string>, arguments_: string[] = []): Outcome {
  const [program = '', ...rest] = commandOf(folder, script, env, arguments_);
  const options = { env: environmentOf(folder, script, env), cwd: folder, encoding: 'utf8', timeout: 50_000 } as const;
  const result = spawnSync(program, rest, options);
  return { code: result.status ?? 255, out: result.stdout, err: result.stderr };
}

/** Starts a step in the same way, so that a test can end it. */
export function start(folder: string, script: string, env: Record<string, string>): ChildProcess {
  const [program = '', ...rest] = commandOf(folder, script, env, []);
  return spawn(program, rest, { env: environmentOf(folder, script, env), cwd: folder, stdio: 'ignore' });
}

/** Starts a step in a process group of its own, so that a test can end all of it at once, as the loss of a node does. */
export function startGroup(folder: string, script: string, env: Record<string, string>): ChildProcess {
  const [program = '', ...rest] = commandOf(folder, script, env, []);
  const stdio: ('ignore' | 'pipe')[] = ['ignore', 'pipe', 'pipe'];
  return spawn(program, rest, { env: environmentOf(folder, script, env), cwd: folder, stdio, detached: true });
}

function commandOf(folder: string, script: string, env: Record<string, string>, arguments_: string[]): string[] {
  const image = imageOf(script, env);
  return [...asPostgres(), ...image.shell, join(folder, 'scripts', script), ...arguments_];
}

/** A step of a drill runs in the image of what it wraps. */
function imageOf(script: string, { STEP_SCRIPT }: Record<string, string>): ImageCommands {
  return IMAGES[STEP_SCRIPT ?? script] ?? RCLONE;
}

function environmentOf(folder: string, script: string, env: Record<string, string>): Record<string, string> {
  const { path } = imageOf(script, env);
  return { PATH: path, HOME: folder, WORK_DIR: join(folder, 'work'), RCLONE_CONFIG: '/dev/null', ...env };
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
