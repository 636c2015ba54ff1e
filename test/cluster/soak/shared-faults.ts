import type { StoreFaultKind } from '../faults/fault';
import { all, once, withDeadline } from '../faults/run-faults';
import { withoutApiServer } from '../faults/site-faults';
import { withStoreFault } from '../faults/store-faults';
import { pause } from '../machine/run';
import { failedOver, killPrimary } from '../support/database';
import { type Run, startChanged } from '../support/jobs';
import { scalePushgateway } from '../support/pushgateway';
import { databaseOf, NEXTGEN } from '../support/site';
import type { SoakedJob } from './jobs';
import type { Draw } from './run-faults';

/** Something that happens to everything that runs at the same time. */
export interface SharedFault {
  readonly name: string;
  /** Starts runs, has it happen to them and waits until they have ended and it is over. */
  readonly inject: (jobs: readonly SoakedJob[], draw: Draw, ended: (runs: Run[]) => Promise<void>) => Promise<void>;
}

const database = databaseOf(NEXTGEN);

/** Some of these last as long as the fault does, so runs get less time than the hours that they may take. */
const LIMIT = 60;

/** Everything that can happen to all runs. */
export const SHARED_FAULTS: readonly SharedFault[] = [
  ...(['unavailable', 'reset', 'silent', 'corrupting', 'slow'] as const).map((kind) => storeFault(kind, false)),
  ...(['unavailable', 'throttled', 'reset', 'corrupting', 'truncating'] as const).map((kind) => storeFault(kind, true)),
  {
    name: 'API server away',
    inject: async (jobs, draw, ended) => {
      const runs = await startAll(jobs);
      await pause(draw('moment') * 8);
      await withoutApiServer(() => pause(5 + draw('length') * 15));
      await ended(runs);
    },
  },
  {
    name: 'database server killed',
    inject: async (jobs, draw, ended) => {
      const runs = await startAll(jobs);
      await pause(draw('moment') * 8);
      const lost = await killPrimary(database);
      await ended(runs);
      await failedOver(database, lost);
    },
  },
  {
    name: 'Pushgateway away',
    inject: async (jobs, _, ended) => {
      await scalePushgateway(NEXTGEN.plan.monitoring, 0);
      await ended(await startAll(jobs));
      await scalePushgateway(NEXTGEN.plan.monitoring, 1);
    },
  },
];

function storeFault(kind: StoreFaultKind, passing: boolean): SharedFault {
  return {
    name: `store ${kind}${passing ? ' for a while' : ''}`,
    inject: async (jobs, draw, ended) => {
      const afterBytes = Math.floor(draw('bytes') * 200_000);
      const times = passing ? { times: 1 + Math.floor(draw('times') * 4) } : {};
      await withStoreFault({ kind, afterBytes, ...times }, async () => ended(await startAll(jobs)));
    },
  };
}

function startAll(jobs: readonly SoakedJob[]): Promise<Run[]> {
  const limited = all(withDeadline(LIMIT), once);
  return Promise.all(jobs.map(({ namespace, cronJob }) => startChanged(namespace, cronJob, limited)));
}
