import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { RecoveryPlan } from '../plan';
import { readPlan } from '../plan';
import { PLAN_KEY, RestoreError } from '../recovery';

/** Folder with manifests, as synthesis writes it. */
const DIST = 'dist';
const MANIFEST = '.k8s.yaml';
const SELECTOR = 'app.kubernetes.io/managed-by=cdk8s-dr,app.kubernetes.io/component=recovery';

/** Where a plan is read from: a folder or file, the cluster, or without either the nearest `dist/`. */
export interface PlanSource {
  readonly path?: string;
  readonly fromCluster: boolean;
  /** Site, where a source has several. */
  readonly site?: string;
}

/** Reads the plan that manifests were made from. Throws `RestoreError`. */
export function loadPlan({ path, fromCluster, site }: PlanSource): RecoveryPlan {
  if (fromCluster && path !== undefined) {
    throw new RestoreError('give a path or --from-cluster, not both');
  }
  const place = fromCluster ? 'the cluster' : (path ?? nearestDist());
  const plans = (fromCluster ? fromConfigMaps(clusterConfigMaps()) : fromPath(place)).map((text) => read(text, place));
  const wanted = plans.filter((plan) => site === undefined || plan.site === site);
  if (wanted.length !== 1 || wanted[0] === undefined) {
    const found = plans.map((plan) => plan.site).join(', ') || 'none';
    throw new RestoreError(
      `there must be one plan${site === undefined ? '' : ` of site ${site}`} in ${place}; found: ${found}. Choose with --site`,
    );
  }
  return wanted[0];
}

/** Runs kubectl and returns what it prints. Throws `RestoreError` with what it says. */
export function kubectl(args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync('kubectl', args, { encoding: 'utf8', maxBuffer: 64 * 1024 ** 2 });
  if (error !== undefined || status !== 0) {
    throw new RestoreError(`kubectl ${args.join(' ')}: ${error?.message ?? stderr.trim()}`);
  }
  return stdout;
}

function read(text: string, place: string): RecoveryPlan {
  try {
    return readPlan(text);
  } catch (error) {
    throw new RestoreError(`${place}: ${(error as Error).message}`);
  }
}

function nearestDist(): string {
  for (let folder = resolve('.'); ; folder = dirname(folder)) {
    const dist = join(folder, DIST);
    if (existsSync(dist) && readdirSync(dist).some((name) => name.endsWith(MANIFEST))) {
      return dist;
    }
    if (dirname(folder) === folder) {
      throw new RestoreError(`there is no ${DIST}/ with manifests here or above; give --plan PATH, or --from-cluster`);
    }
  }
}

function fromPath(path: string): string[] {
  if (!existsSync(path)) {
    throw new RestoreError(`${path} does not exist; give a folder with manifests, a manifest, or a plan.json`);
  }
  if (statSync(path).isDirectory()) {
    const files = readdirSync(path)
      .filter((name) => name.endsWith(MANIFEST))
      .sort();
    return files.flatMap((name) => fromConfigMaps(documentsIn(readFileSync(join(path, name), 'utf8'))));
  }
  const text = readFileSync(path, 'utf8');
  return text.trimStart().startsWith('{') ? [text] : fromConfigMaps(documentsIn(text));
}

function documentsIn(text: string): unknown[] {
  return (parseAllDocuments(text, { version: '1.1' }) as { toJS(): unknown }[]).map((document) => document.toJS());
}

function clusterConfigMaps(): unknown[] {
  return (JSON.parse(kubectl(['get', 'configmaps', '-A', '-l', SELECTOR, '-o', 'json'])) as { items: unknown[] }).items;
}

function fromConfigMaps(objects: readonly unknown[]): string[] {
  return objects.flatMap((object) => {
    const { kind, data } = (object ?? {}) as { kind?: string; data?: Record<string, string> };
    return kind === 'ConfigMap' && data?.[PLAN_KEY] !== undefined ? [data[PLAN_KEY]] : [];
  });
}
