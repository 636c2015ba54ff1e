import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { type RecoveryPlan, runbookOf } from '../../../lib';
import { backOutOf, type FilledIn, forwardOf, linesOf, sectionOf } from '../../support/runbook';
import { ADDRESSES } from '../machine/addresses';
import { kubeconfigOf } from '../machine/control-plane';
import { goBinary } from '../machine/go-binaries';
import { testAuthority } from '../machine/pki';
import { attempt, type Outcome } from '../machine/run';
import { sandboxPid } from '../machine/sandbox';
import { STORES } from '../stores';
import { OWN_CLUSTER } from './which-cluster';

/** In the network of the cluster, with the names of its stores: a mount that only this shell sees. */
const ENTER = 'mount --bind "$1" /etc/hosts && shift && exec "$@"';

/** The computer of whoever is on call: a shell with kubectl and rclone that reach cluster and store, and the runbook beside it. */
export class Workstation {
  /** Opens it with what a person knows without the cluster, as variables of the shell. */
  public static async open(plan: RecoveryPlan, known: Readonly<Record<string, string>> = {}): Promise<Workstation> {
    const folder = await mkdtemp(join(tmpdir(), 'dr-on-call-'));
    if (!OWN_CLUSTER) {
      return new Workstation(folder, runbookOf(plan), ['sh'], { ...process.env, ...known, HOME: folder });
    }
    const programs = join(folder, 'programs');
    await mkdir(programs);
    for (const name of ['kubectl', 'rclone']) {
      await symlink(goBinary(name), join(programs, name));
    }
    const hosts = join(folder, 'hosts');
    const { azure, s3, gcs } = ADDRESSES;
    await writeFile(
      hosts,
      [
        '127.0.0.1 localhost',
        `${azure} ${STORES.azure.host} ${STORES.azureSecond.host}`,
        `${s3} ${STORES.s3.host}`,
        `${gcs} ${STORES.gcs.host} ${STORES.gcs.tokenHost}`,
        '',
      ].join('\n'),
    );
    const network = `--net=/proc/${await sandboxPid()}/ns/net`;
    const shell = ['nsenter', network, 'unshare', '--mount', 'sh', '-c', ENTER, 'sh', hosts, 'sh'];
    return new Workstation(folder, runbookOf(plan), shell, {
      ...known,
      PATH: `${programs}${delimiter}${process.env.PATH ?? ''}`,
      HOME: folder,
      KUBECONFIG: kubeconfigOf('admin'),
      RCLONE_CA_CERT: (await testAuthority()).certificateFile,
    });
  }

  private constructor(
    private readonly folder: string,
    private readonly runbook: string,
    private readonly shell: readonly string[],
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  /** Pastes every block of a section, up to its back-out, into one shell, with what a person fills in. */
  public paste(heading: string, filledIn: FilledIn): Promise<Outcome> {
    return this.type(linesOf(forwardOf(sectionOf(this.runbook, heading)), filledIn));
  }

  /** Pastes the back-out of a section into another shell, which knows some variables of the first one. */
  public backOut(heading: string, filledIn: FilledIn, known: Readonly<Record<string, string>> = {}): Promise<Outcome> {
    const before = Object.entries(known).map(([name, value]) => `${name}='${value}'\n`);
    return this.type(`${before.join('')}${linesOf(backOutOf(sectionOf(this.runbook, heading)), filledIn)}`);
  }

  /** Puts a file where lines are pasted. */
  public async keep(name: string, content: string): Promise<void> {
    const file = join(this.folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content, { mode: 0o600 });
  }

  public async close(): Promise<void> {
    await attempt(['gpgconf', '--kill', 'all'], { env: this.env });
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Pastes lines into one shell, which reads them from its standard input, as do commands that were given none: they would swallow what comes after them. */
  public type(lines: string): Promise<Outcome> {
    return attempt(this.shell, { input: lines, env: this.env, cwd: this.folder });
  }
}
