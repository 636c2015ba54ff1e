import type { RestoreEstimate } from '../../../lib';
import { databaseOf, type Site } from '../support/site';
import type { Disaster } from './disasters';
import type { Heartbeat, Load } from './load';

/** What is known when a game is over; moments are milliseconds of this machine's clock. */
export interface Observation {
  readonly game: number;
  readonly disaster: Disaster;
  /** Seconds from the base backup to the disaster, as drawn. */
  readonly moment: number;
  readonly site: Site;
  /** What the application was told before it was cut off. */
  readonly load: Pick<Load, 'acknowledged' | 'last'>;
  /** What the recovered database holds of it. */
  readonly held: { readonly rows: number; readonly last?: Heartbeat };
  /** What the printed validation printed. */
  readonly checks: string;
  readonly struck: number;
  readonly applied: number;
  readonly written: number;
  readonly validated: number;
}

/** A game in figures; all times are seconds. */
export interface Result {
  readonly game: number;
  readonly disaster: string;
  readonly moment: number;
  /** Archive that was read. */
  readonly serverName: string;
  readonly heartbeats: number;
  readonly lostHeartbeats: number;
  /** From the last heartbeat in the recovered database to the last that was acknowledged. */
  readonly lost: number;
  /** From the creation of the Cluster to a write through the Service. */
  readonly restore: number;
  /** From the disaster to a write through the Service. */
  readonly outage: number;
  /** From the disaster to the end of the validation, with the detection that the plan assumes: a game has none. */
  readonly total: number;
  readonly rpo: number;
  readonly rto: number;
  /** What the plan says of `lost` and `total`. */
  readonly worstCaseLoss: number;
  readonly estimate: number;
  /** What was missed or found wrong. */
  readonly missed: string[];
}

/** Compares a game with the objectives and the plan. */
export function resultOf(observation: Observation): Result {
  const { game, disaster, moment, site, load, held, checks, struck, applied, written, validated } = observation;
  const { archive } = databaseOf(site);
  const { rpo, rto, worstCaseLoss, restore } = promised(site);
  const detection = restore.parts.find(({ name }) => name === 'detect')?.seconds ?? 0;
  const kept = held.last?.beat ?? 0;
  const lost = tenths(load.last.at - (held.last?.at ?? Number.NEGATIVE_INFINITY));
  const total = tenths(detection + (validated - struck) / 1000);
  return {
    game,
    disaster,
    moment: tenths(moment),
    serverName: archive.serverName,
    heartbeats: load.acknowledged.length,
    lostHeartbeats: load.acknowledged.length - kept,
    lost,
    restore: tenths((written - applied) / 1000),
    outage: tenths((written - struck) / 1000),
    total,
    rpo,
    rto,
    worstCaseLoss,
    estimate: restore.total,
    missed: [
      ...(lost <= rpo ? [] : [`lost ${lost} s, RPO ${rpo} s`]),
      ...(total <= rto ? [] : [`restored in ${total} s, RTO ${rto} s`]),
      ...(held.rows === kept ? [] : [`of the heartbeats up to ${kept} there are ${held.rows}`]),
      ...(/^t\|/.test(checks) ? [] : ['the validation printed nothing']),
      ...checks.split('\n').filter((line) => line.startsWith('f|')),
    ],
  };
}

/** What the plan says of the recovery that is played. */
function promised(site: Site): { rpo: number; rto: number; worstCaseLoss: number; restore: RestoreEstimate } {
  const asset = site.plan.assets.find((summary) => summary.asset === `database ${databaseOf(site).name}`);
  const protection = asset?.protections.find((summary) => summary.protection === 'WAL archive + base backup');
  if (asset === undefined || protection === undefined) {
    throw new Error('the plan has no estimate of a recovery from the archive');
  }
  const { worstCaseLoss, restore } = protection;
  return { rpo: asset.rpo, rto: asset.rto, worstCaseLoss, restore };
}

function tenths(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
