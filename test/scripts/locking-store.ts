import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { basename, join } from 'node:path';
import { goBinary } from '../cluster/machine/go-binaries';
import { issue, testAuthority } from '../cluster/machine/pki';
import { tool, workFolder } from './tools';

/** Who signs a request. */
export interface Account {
  readonly access: string;
  readonly secret: string;
}

/** What the store answered. */
export interface Answer {
  readonly status: number;
  /** A character for each byte. */
  readonly body: string;
}

/** A version's id begins with its time in milliseconds, ten digits to the base of 32. */
function timeOf(versionId: string): Date {
  const digits = [...versionId.slice(0, 10)].map((digit) => '0123456789ABCDEFGHJKMNPQRSTVWXYZ'.indexOf(digit));
  return new Date(digits.reduce((value, digit) => value * 32 + digit, 0));
}

const REGION = 'us-east-1';

/** An S3 store with versions, object lock, accounts and policies, behind TLS: versitygw on a folder. */
export class LockingStore {
  /** Owns the buckets, as the root of an account does. */
  public readonly owner: Account = { access: 'owner', secret: 'secret-of-the-owner' };
  public readonly endpoint: string;
  private server: ChildProcess | undefined;

  private constructor(
    private readonly folder: string,
    private readonly port: number,
    /** The authority of its certificate. */
    public readonly authority: string,
  ) {
    this.endpoint = `https://localhost:${port}`;
  }

  /** Starts it with accounts that have no rights of their own. Without versions, a deletion is for good or refused. */
  public static async start(
    port: number,
    accounts: readonly Account[],
    { versions = true }: { versions?: boolean } = {},
  ): Promise<LockingStore> {
    const folder = workFolder();
    const at = (name: string): string => join(folder, name);
    // The cache may lie in a home folder that the unprivileged user cannot enter.
    writeFileSync(at('authority.crt'), (await testAuthority()).certificate);
    const store = new LockingStore(folder, port, at('authority.crt'));
    for (const name of ['buckets', 'versions', 'accounts']) {
      mkdirSync(at(name));
    }
    const users = accounts.map(({ access, secret }) => [access, { access, secret, role: 'user' }]);
    writeFileSync(at('accounts/users.json'), JSON.stringify({ accessAccounts: Object.fromEntries(users) }));
    const pair = await issue(at('tls'), 'store', '/CN=localhost', ['DNS:localhost']);
    const { owner } = store;
    store.server = spawn(
      goBinary('versitygw'),
      [
        ...['--port', `127.0.0.1:${port}`, '--cert', pair.certificateFile, '--key', pair.keyFile, '--quiet'],
        ...['--access', owner.access, '--secret', owner.secret, '--region', REGION, '--iam-dir', at('accounts')],
        ...['posix', ...(versions ? ['--versioning-dir', at('versions')] : []), at('buckets')],
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    await store.answering();
    return store;
  }

  /** Sends a signed request. */
  public request(
    { access, secret }: Account,
    method: string,
    path: string,
    body?: string,
    headers: readonly string[] = [],
  ): Answer {
    const digest = (algorithm: string, encoding: 'hex' | 'base64'): string =>
      createHash(algorithm)
        .update(body ?? '')
        .digest(encoding);
    const result = spawnSync(
      tool('curl'),
      [
        ...['--silent', '--show-error', '--cacert', this.authority, '--request', method],
        ...['--aws-sigv4', `aws:amz:${REGION}:s3`, '--user', `${access}:${secret}`, '--write-out', '\n%{http_code}'],
        ...[
          `x-amz-content-sha256: ${digest('sha256', 'hex')}`,
          `Content-MD5: ${digest('md5', 'base64')}`,
          ...headers,
        ].flatMap((header) => ['--header', header]),
        ...(body === undefined ? [] : ['--data-binary', '@-', '--header', 'Content-Type: application/xml']),
        `${this.endpoint}/${path}`,
      ],
      { input: body ?? '', encoding: 'latin1' },
    );
    if (result.status !== 0) {
      throw new Error(`${method} ${path}: ${result.stderr}`);
    }
    const end = result.stdout.lastIndexOf('\n');
    return { status: Number(result.stdout.slice(end + 1)), body: result.stdout.slice(0, end) };
  }

  /** The same as the owner, and it must succeed. */
  public administer(method: string, path: string, body?: string, headers: readonly string[] = []): string {
    const answer = this.request(this.owner, method, path, body, headers);
    if (answer.status >= 300) {
      throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
    }
    return answer.body;
  }

  /**
   * Gives every version the time at which it was written, as S3 has it: versitygw takes the times of files, which change when a version
   * is put aside. The ids of versions hold the right ones.
   */
  public correctTimes(bucket: string): void {
    const files = readdirSync(join(this.folder, 'versions'), { recursive: true, encoding: 'utf8' });
    const aside = new Map(files.map((file) => [basename(file), join(this.folder, 'versions', file)]));
    const listed = this.administer('GET', `${bucket}?versions=`);
    for (const [, fields = ''] of listed.matchAll(/<(?:Version|DeleteMarker)>(.*?)<\/(?:Version|DeleteMarker)>/gs)) {
      const field = (name: string): string => new RegExp(`<${name}>(.*?)</${name}>`).exec(fields)?.[1] ?? '';
      const time = timeOf(field('VersionId'));
      utimesSync(aside.get(field('VersionId')) ?? join(this.folder, 'buckets', bucket, field('Key')), time, time);
    }
  }

  public async stop(): Promise<void> {
    if (this.server?.kill() === true) {
      await once(this.server, 'exit');
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async answering(): Promise<void> {
    for (let attempt = 0; attempt < 100; attempt += 1) {
      const open = await new Promise<boolean>((resolve) => {
        const socket = connect(this.port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
        socket.on('connect', () => socket.end());
      });
      if (open) {
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error('versitygw did not start');
  }
}
