import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { ObjectStorage } from '../../../lib';
import { dialectOf } from '../../../lib/storage';
import { run } from '../machine/run';
import { Toolbox } from './toolbox';

/** What rclone exits with when there is no such directory. */
const NOT_FOUND = 3;

/** An object in a listing of rclone. */
interface Described {
  readonly Path: string;
  readonly Size: number;
  readonly ModTime: string;
  readonly Hashes?: Readonly<Record<string, string>>;
}

/** The object store of a site, as a person with rclone sees it. Keys are below the container or bucket. */
export class Store {
  public static async open(storage: ObjectStorage): Promise<Store> {
    return new Store(await Toolbox.start(storage), dialectOf(storage).rcloneRoot);
  }

  private constructor(
    public readonly toolbox: Toolbox,
    private readonly root: string,
  ) {}

  /** Removes everything and leaves an empty container or bucket. */
  public async empty(): Promise<void> {
    // The manifests forbid making containers, so that a typo fails; here one must be made.
    const script = `export RCLONE_CONFIG_STORE_NO_CHECK_CONTAINER=false RCLONE_CONFIG_STORE_NO_CHECK_BUCKET=false
rclone mkdir "$1" && rclone delete --rmdirs "$1" && rclone mkdir "$1"`;
    await this.toolbox.run('rclone', ['sh', '-c', script, 'sh', this.root]);
  }

  /** Keys below a prefix, or all of them, sorted. A prefix without objects has none. */
  public async list(prefix = ''): Promise<string[]> {
    const outcome = await this.rclone(['lsf', '--recursive', '--files-only', this.at(prefix)]);
    if (outcome.code === NOT_FOUND) {
      return [];
    }
    if (outcome.code !== 0) {
      throw new Error(`cannot list ${prefix}: ${outcome.err}`);
    }
    return outcome.out
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => (prefix === '' ? line : `${prefix}/${line}`))
      .sort();
  }

  public async read(key: string): Promise<Buffer> {
    const outcome = await this.rclone(['cat', this.at(key)]);
    if (outcome.code !== 0 || outcome.bytes.length === 0) {
      throw new Error(`cannot read ${key}: ${outcome.err}`);
    }
    return outcome.bytes;
  }

  /** Reads every object below a prefix at once, by what its key has after the prefix. */
  public async readAll(prefix: string): Promise<Map<string, Buffer>> {
    const script = 'rm -rf /work/all && rclone copy --ignore-times "$1" /work/all && tar -C /work/all -cf - .';
    const { code, bytes, err } = await this.toolbox.attempt('rclone', ['sh', '-c', script, 'sh', this.at(prefix)]);
    if (code !== 0) {
      throw new Error(`cannot read what is below ${prefix}: ${err}`);
    }
    const folder = await mkdtemp(join(tmpdir(), 'dr-store-'));
    try {
      await run(['tar', '-C', folder, '-xf', '-'], { input: bytes });
      const files = await readdir(folder, { recursive: true, withFileTypes: true });
      const paths = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
      return new Map(
        await Promise.all(paths.map(async (path) => [relative(folder, path), await readFile(path)] as const)),
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  public async write(key: string, content: Buffer | string): Promise<void> {
    await this.toolbox.run('rclone', ['rclone', 'rcat', this.at(key)], content);
  }

  public async remove(key: string): Promise<void> {
    await this.toolbox.run('rclone', ['rclone', 'deletefile', this.at(key)]);
  }

  /** Copies every object below a prefix to below another one. */
  public async copy(from: string, to: string): Promise<void> {
    // The Azure emulator never ends a copy on the server's side.
    await this.toolbox.run('rclone', ['rclone', 'copy', '--disable', 'copy', this.at(from), this.at(to)]);
  }

  /** Downloads an object into the toolbox. */
  public async download(key: string, path: string): Promise<void> {
    await this.toolbox.run('rclone', [
      'rclone',
      'copyto',
      '--error-on-no-transfer',
      '--ignore-times',
      this.at(key),
      path,
    ]);
  }

  /** Downloads every object below a prefix into a folder of the toolbox. */
  public async downloadAll(prefix: string, folder: string): Promise<void> {
    await this.toolbox.run('rclone', ['rclone', 'copy', '--ignore-times', this.at(prefix), folder]);
  }

  /** Every object as rclone describes it, with its hashes. */
  public async describe(): Promise<readonly Described[]> {
    const args = ['lsjson', '--recursive', '--files-only', '--hash', '--no-mimetype', this.root];
    return JSON.parse(await this.toolbox.run('rclone', ['rclone', ...args])) as Described[];
  }

  /** Removes every object below a prefix, of which there may be none. */
  public async removeAll(prefix: string): Promise<void> {
    const { code, err } = await this.rclone(['delete', this.at(prefix)]);
    if (code !== 0 && code !== NOT_FOUND) {
      throw new Error(`cannot remove what is below ${prefix}: ${err}`);
    }
  }

  /** Where rclone finds a key. */
  public at(key: string): string {
    return `${this.root}/${key}`;
  }

  private rclone(args: readonly string[]): ReturnType<Toolbox['attempt']> {
    return this.toolbox.attempt('rclone', ['rclone', ...args]);
  }
}
