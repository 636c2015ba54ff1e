import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { SCRIPTS } from './support';
import { workFolder } from './tools';

/** Namespace of all claims. */
export const NAMESPACE = 'shop';

/** Labels of the asset under test, as its jobs get them. */
export const LABELS =
  'app.kubernetes.io/managed-by=cdk8s-dr,app.kubernetes.io/part-of=shop-dr,cdk8s-dr/asset=data,cdk8s-dr/tier=scheduled';

/** What the stand-in of the API server knows. */
export interface State {
  readonly claims: object[];
  // biome-ignore lint/suspicious/noExplicitAny: objects as the API server returns them
  readonly snapshots: any[];
  // biome-ignore lint/suspicious/noExplicitAny: objects as the API server returns them
  readonly contents: any[];
  readonly pods?: string[];
  /** What becomes of a claim's snapshots: ready (unless said otherwise), pending, uncut or error. */
  readonly fates?: Record<string, string>;
  /** Answers to calls that begin in a certain way. */
  readonly refuse?: Record<string, string>;
}

/** A claim that is bound. */
export function claim(name: string, phase = 'Bound', labels: object = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name,
      namespace: NAMESPACE,
      labels,
      annotations: { owner: 'shop', 'pv.kubernetes.io/bind-completed': 'yes' },
    },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'managed-csi',
      volumeName: `pvc-${name}`,
      volumeMode: 'Filesystem',
      resources: { requests: { storage: '1Gi' } },
    },
    status: { phase, capacity: { storage: '1Gi' } },
  };
}

/** A pod's workspace beside a stand-in of the API server. */
export class SnapshotApi {
  public readonly folder = workFolder();

  public constructor() {
    for (const name of ['scripts', 'work']) {
      mkdirSync(join(this.folder, name));
    }
    for (const script of SCRIPTS) {
      copyFileSync(script, join(this.folder, 'scripts', basename(script)));
    }
    const fake = readFileSync(join(__dirname, 'fake-snapshot-api.cjs'), 'utf8');
    writeFileSync(join(this.folder, 'kubectl'), `#!${process.execPath}\n${fake}`);
    chmodSync(join(this.folder, 'kubectl'), 0o755);
  }

  public set(state: Partial<State>): void {
    writeFileSync(
      join(this.folder, 'state.json'),
      JSON.stringify({ claims: [], snapshots: [], contents: [], ...state }),
    );
    writeFileSync(join(this.folder, 'calls'), '');
    spawnSync('chown', ['-R', 'postgres', this.folder]);
  }

  public get state(): State {
    return JSON.parse(readFileSync(join(this.folder, 'state.json'), 'utf8')) as State;
  }

  /** Calls in order. */
  public get calls(): string[] {
    return readFileSync(join(this.folder, 'calls'), 'utf8').trim().split('\n');
  }

  /** A file of the workspace; empty when there is none. */
  public file(name: string): string {
    const path = join(this.folder, 'work', name);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }
}
