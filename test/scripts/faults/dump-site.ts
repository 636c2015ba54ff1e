import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { PostgresServer } from '../postgres-server';
import { FakePushgateway, reportOf } from '../pushgateway';
import type { Outcome } from '../support';
import { own, podFolder, run } from '../support';
import { workFolder } from '../tools';
import { expectFailure, expectNothingLost, expectSuccess, markersIn, storedIn } from './stored';

type Env = Record<string, string>;

/** What is different in a run: the environment of a step, or something that happens before it. */
export interface Change {
  readonly dump?: Env;
  readonly seal?: Env;
  readonly ship?: Env;
  readonly beforeSeal?: () => void;
}

/** A database with its dumps: server, pod, store and Pushgateway. */
export class DumpSite {
  public static async create(sql: string): Promise<DumpSite> {
    const root = workFolder();
    const server = new PostgresServer(root);
    server.create();
    server.sql('shop', sql);
    return new DumpSite(root, server, await FakePushgateway.start(root));
  }

  public readonly folder = podFolder('store/backups', 'checks');
  public readonly bucket = join(this.folder, 'store/backups');
  public readonly sealing: Env = { SEAL_METHOD: 'passphrase', SEAL_PASSPHRASE_FILE: join(this.folder, 'passphrase') };

  private constructor(
    public readonly root: string,
    public readonly server: PostgresServer,
    public readonly gateway: FakePushgateway,
  ) {
    writeFileSync(join(this.folder, 'passphrase'), 'correct horse\n');
    own(this.folder);
  }

  /** The store, as rclone gets it. */
  public get store(): Env {
    return {
      RCLONE_CONFIG_STORE_TYPE: 'alias',
      RCLONE_CONFIG_STORE_REMOTE: join(this.folder, 'store'),
      STORE: 'store:backups',
    };
  }

  /** A workspace as a new pod finds it. */
  public emptyWorkspace(): void {
    const work = join(this.folder, 'work');
    for (const name of readdirSync(work)) {
      rmSync(join(work, name), { recursive: true });
    }
  }

  /** Runs the containers of a new pod one after another, up to the first that fails; returns what the last one did. */
  public pod({ dump, seal, ship, beforeSeal }: Change = {}): Outcome {
    this.emptyWorkspace();
    const { path, text } = reportOf('postgres-backup');
    const report = { PUSH_URL: `${this.gateway.url}${path}`, PUSH_REPORT: text };
    const steps = [
      () => run(this.folder, 'dump.sh', { ...this.server.environment, ...dump }),
      () => {
        beforeSeal?.();
        return run(this.folder, 'seal.sh', { ASSET: 'shop', TIER: 'daily', ...this.sealing, ...seal });
      },
      () => run(this.folder, 'ship.sh', { ...this.store, KEY_PREFIX: 'shop/daily', ...report, ...ship }),
    ];
    let outcome: Outcome = { code: 0, out: '', err: '' };
    for (const step of steps) {
      outcome = step();
      if (outcome.code !== 0) {
        break;
      }
    }
    return outcome;
  }

  /** Makes a committed run, in a second of its own, and returns its folder. */
  public async backup(change: Change = {}): Promise<string> {
    await new Promise((resolve) => setTimeout(resolve, 1000 - (Date.now() % 1000)));
    expectSuccess(this.pod(change));
    return join(this.bucket, 'shop/daily', readFileSync(join(this.folder, 'work/run/id'), 'utf8').trim());
  }

  public fetch(env: Env = {}): Outcome {
    return run(this.folder, 'fetch-latest.sh', { ...this.store, TIERS: 'shop/daily=3600', ...env });
  }

  public unseal(env: Env = {}): Outcome {
    return run(this.folder, 'unseal.sh', { ...this.sealing, ...env });
  }

  /** Restores what is opened into a server that is thrown away. */
  public verify(env: Env = {}): Outcome {
    const checks = { CHECKS_DIR: join(this.folder, 'checks'), CORRUPTION_CHECK: 'false', VERIFY_JOBS: '1' };
    return run(this.folder, 'verify.sh', { ...checks, ...env });
  }

  /** The newest committed run restores. */
  public expectRestorable(): void {
    expectSuccess(this.fetch(), this.unseal(), this.verify());
  }

  /** A fault of a run: it fails and says why, nothing is lost, committed or reported, and the next run is good. */
  public async expectHarmless(fault: () => Outcome, message: string | RegExp, mend: () => void = () => undefined) {
    const before = storedIn(this.bucket);
    const reported = await this.gateway.groups();
    expectFailure(fault(), message);
    expectNothingLost(before, this.bucket);
    expect(markersIn(storedIn(this.bucket))).toEqual(markersIn(before));
    expect(await this.gateway.groups()).toEqual(reported);
    expect(existsSync(join(this.folder, 'work/marker/backup.json'))).toBe(false);
    mend();
    await this.backup();
    expect(markersIn(storedIn(this.bucket)).length).toBe(markersIn(before).length + 1);
    this.expectRestorable();
  }

  /** Takes away what earlier tests have stored. */
  public empty(): void {
    rmSync(this.bucket, { recursive: true, force: true });
    mkdirSync(this.bucket);
    own(this.folder);
  }

  public remove(): void {
    this.gateway.stop();
    this.server.stop();
    rmSync(this.root, { recursive: true, force: true });
    rmSync(this.folder, { recursive: true, force: true });
  }
}
