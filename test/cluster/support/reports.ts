import type { DrillPlan } from '../../../lib';
import { failed as endedInFailure, start, succeeded } from './jobs';
import type { Store } from './store';
import { allowForbidden } from './watch';

/** Seconds: a drill may recover a whole Cluster. */
const PATIENCE = 900;

/** The report of a drill, as it is stored. */
export interface Report {
  readonly drill: string;
  readonly asset: string;
  readonly status: string;
  readonly failure?: string;
  readonly source: string;
  readonly restoreSeconds: number;
  readonly rto: string;
  readonly parts: readonly { readonly name: string; readonly seconds: number }[];
  readonly checks: readonly { readonly result: string; readonly name: string; readonly found: string }[];
  readonly tables: readonly { readonly name: string; readonly rows: number; readonly bytes: number }[];
  /** The same for people. */
  readonly text: string;
  /** Log of the run. */
  readonly log: string;
}

/** Runs a drill to its success, and returns the one report that is new. */
export function passed(store: Store, drill: DrillPlan): Promise<Report> {
  return rehearse(store, drill, succeeded);
}

/** Runs a drill to its failure, and returns the one report that is new. */
export function failed(store: Store, drill: DrillPlan): Promise<Report> {
  return rehearse(store, drill, endedInFailure);
}

/** Where it finds nothing, kubectl looks whether the namespace is there, which the job of a drill may not. */
export function allowLooking({ namespace, jobName }: DrillPlan): Promise<void> {
  return allowForbidden(new RegExp(`^403 system:serviceaccount:${namespace}:${jobName}: get namespaces/`));
}

async function rehearse(store: Store, drill: DrillPlan, end: typeof succeeded): Promise<Report> {
  const { namespace, jobName, reportPrefix, kind } = drill;
  await allowLooking(drill);
  const before = await store.list(reportPrefix);
  const log = await end(await start(namespace, jobName), PATIENCE);
  const [json = '', text = '', ...more] = (await store.list(reportPrefix)).filter((key) => !before.includes(key));
  const name = new RegExp(`^${reportPrefix}/${kind}-\\d{8}-\\d{6}\\.json$`);
  if (!name.test(json) || text !== json.replace(/json$/, 'txt') || more.length > 0) {
    throw new Error(`one report should be new below ${reportPrefix}: ${[json, text, ...more].join(' ')}\n${log}`);
  }
  const report = JSON.parse((await store.read(json)).toString('utf8'));
  return { ...report, text: (await store.read(text)).toString('utf8'), log };
}
