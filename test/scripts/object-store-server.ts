import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { ObjectStorage } from '../../lib/config';
import { dialectOf, Remote } from '../../lib/storage';
import { tool } from './tools';

const SECRETS: Readonly<Record<string, string>> = { 'access-key': 'backupkey', 'secret-key': 'backupsecret' };

/** A real S3 server over a folder. It caches what it lists, so that tests write to it only through it, and to a prefix of their own. */
export class ObjectStoreServer {
  /** Starts one on a free port. */
  public static async start(root: string): Promise<ObjectStoreServer> {
    const bucket = join(root, 'served/backups');
    mkdirSync(bucket, { recursive: true });
    const port = await freePort();
    const address = ['--addr', `127.0.0.1:${port}`, '--auth-key', `${SECRETS['access-key']},${SECRETS['secret-key']}`];
    const options = ['--config', '/dev/null', ...address, join(root, 'served')];
    const child = spawn(tool('rclone'), ['serve', 's3', ...options], { stdio: 'ignore' });
    for (let attempt = 0; !(await answers(port)); attempt += 1) {
      if (attempt === 100) {
        throw new Error('rclone serve s3 did not start');
      }
      await setTimeout(100);
    }
    return new ObjectStoreServer(child, port, bucket);
  }

  private constructor(
    private readonly child: ChildProcess,
    private readonly port: number,
    /** Folder with the objects. */
    public readonly bucket: string,
  ) {}

  /** The environment that the manifests give to rclone, with the values of Secrets filled in, and little patience. */
  public environment(remote: Remote = Remote.STORE): Record<string, string> {
    const { rcloneEnvironment, rcloneRoot } = dialectOf(
      ObjectStorage.s3({
        bucket: 'backups',
        region: 'us-east-1',
        endpoint: `http://127.0.0.1:${this.port}`,
        accessKeys: { secretName: 's3-credentials' },
      }),
      remote,
    );
    return {
      ...Object.fromEntries(
        rcloneEnvironment.map(({ name, value, secret }) => [name, value ?? SECRETS[secret?.key ?? ''] ?? '']),
      ),
      [remote]: rcloneRoot,
      // The server may fail when two objects make the same folder at once; the manifests retry as often.
      RCLONE_RETRIES: '3',
      RCLONE_LOW_LEVEL_RETRIES: '1',
    };
  }

  public stop(): void {
    this.child.kill();
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

async function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.end();
      resolve(true);
    }).on('error', () => resolve(false));
  });
}
