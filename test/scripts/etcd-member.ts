import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { goBinary } from '../cluster/machine/go-binaries';
import { asPostgres, tool } from './tools';

/** A port that kubeadm's etcd does not use, since a cluster may run beside the tests. */
const PORT = 23_791;

/** A real member of etcd with TLS and client certificates, as kubeadm sets it up. */
export class EtcdMember {
  public readonly endpoint = `https://127.0.0.1:${PORT}`;
  private process?: ChildProcess;

  public constructor(private readonly folder: string) {
    mkdirSync(join(folder, 'pki'), { recursive: true });
    this.openssl('req', '-x509', ...this.newKey('ca'), '-out', this.pki('ca.crt'), '-days', '2');
    // The gateway is a client of its own member and shows the server's certificate; kubeadm's is good for both, too.
    writeFileSync(this.pki('ext'), 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n');
    for (const name of ['server', 'healthcheck-client']) {
      this.openssl('req', ...this.newKey(name), '-out', this.pki(`${name}.csr`));
      const authority = ['-CA', this.pki('ca.crt'), '-CAkey', this.pki('ca.key'), '-CAcreateserial'];
      const output = ['-extfile', this.pki('ext'), '-days', '2', '-out', this.pki(`${name}.crt`)];
      this.openssl('x509', '-req', '-in', this.pki(`${name}.csr`), ...authority, ...output);
    }
    spawnSync('chmod', ['-R', 'a+rX', this.pki('')]);
  }

  /** What the steps are given. */
  public get environment(): Record<string, string> {
    return {
      ETCD_ENDPOINT: this.endpoint,
      ETCD_CA_FILE: this.pki('ca.crt'),
      ETCD_CERT_FILE: this.pki('healthcheck-client.crt'),
      ETCD_KEY_FILE: this.pki('healthcheck-client.key'),
      ETCD_MAX_SECONDS: '20',
    };
  }

  public async start(): Promise<void> {
    const peer = `http://127.0.0.1:${PORT + 1}`;
    this.process = spawn(
      goBinary('etcd'),
      [
        ...['--data-dir', join(this.folder, 'data'), '--client-cert-auth', '--trusted-ca-file', this.pki('ca.crt')],
        ...['--listen-client-urls', this.endpoint, '--advertise-client-urls', this.endpoint],
        ...['--cert-file', this.pki('server.crt'), '--key-file', this.pki('server.key')],
        ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer, '--initial-cluster', `default=${peer}`],
      ],
      { stdio: 'ignore' },
    );
    for (
      let attempt = 0;
      spawnSync(goBinary('etcdctl'), this.client('endpoint', 'health')).status !== 0;
      attempt += 1
    ) {
      if (attempt > 50) {
        throw new Error('etcd does not start');
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  public stop(): void {
    this.process?.kill('SIGKILL');
  }

  /** Runs etcdctl and returns its output. */
  public control(...args: string[]): string {
    return output(goBinary('etcdctl'), this.client(...args));
  }

  /** Writes so many keys of a kilobyte. */
  public fill(count: number): void {
    const value = 'x'.repeat(1000);
    const puts = Array.from({ length: count }, (_, index) => `put key-${index} ${value}-${index}`);
    for (let from = 0; from < count; from += 100) {
      // A transaction holds at most 128 operations.
      output(goBinary('etcdctl'), this.client('txn'), `\n${puts.slice(from, from + 100).join('\n')}\n\n\n`);
    }
  }

  private client(...args: string[]): string[] {
    const { ETCD_CA_FILE, ETCD_CERT_FILE, ETCD_KEY_FILE } = this.environment;
    return [
      `--endpoints=${this.endpoint}`,
      `--cacert=${ETCD_CA_FILE}`,
      `--cert=${ETCD_CERT_FILE}`,
      `--key=${ETCD_KEY_FILE}`,
      ...args,
    ];
  }

  private pki(name: string): string {
    return join(this.folder, 'pki', name);
  }

  private newKey(name: string): string[] {
    return ['-newkey', 'rsa:2048', '-nodes', '-keyout', this.pki(`${name}.key`), '-subj', `/CN=${name}`];
  }

  private openssl(...args: string[]): void {
    output(tool('openssl'), args);
  }
}

/** Restores a snapshot as a person would, and returns how many keys the backend holds. */
export function restoredKeys(snapshot: string, folder: string): number {
  output(goBinary('etcdutl'), ['snapshot', 'restore', snapshot, '--data-dir', folder]);
  const status = output(goBinary('etcdutl'), ['snapshot', 'status', join(folder, 'member/snap/db'), '-w', 'json']);
  return (JSON.parse(status) as { totalKey: number }).totalKey;
}

/** Hash of all keys and revisions in a snapshot, whatever its pages look like. */
export function hashOf(snapshot: string): number {
  const answer = output(goBinary('etcdutl'), ['hashkv', snapshot, '-w', 'json']);
  return (JSON.parse(answer) as { hash: number }).hash;
}

/** Starts a step's loop as the image's user; it goes on until it is told to end. */
export function startLoop(command: string[], env: Record<string, string>): ChildProcess {
  const full = [...asPostgres(), ...command];
  return spawn(full[0] ?? '', full.slice(1), { env, stdio: ['ignore', 'pipe', 'pipe'] });
}

function output(file: string, args: string[], input = ''): string {
  const result = spawnSync(file, args, { encoding: 'utf8', input });
  if (result.status !== 0) {
    throw new Error(`${file} ${args.join(' ')}: ${result.stderr}`);
  }
  return result.stdout;
}
