import {
  AssetKind,
  assetLabels,
  type BackupSignal,
  backupLabels,
  type DrillSignal,
  drillLabels,
  type MonitoringPlan,
} from '../../../lib';
import { RUN_FILES } from './dumps';
import { exportPlanOf } from './exports';
import type { CronJobName, Site } from './site';
import { volumePlanOf } from './volumes';

/** A CronJob of a site, and what a success of it claims. */
export interface SiteJob extends CronJobName {
  readonly claims: Claim;
  /** Key prefix of what it stores; of some nothing. */
  readonly prefix?: string;
  /** Labels under which it reports to the Pushgateway; some report nothing. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Of a backup: what is watched of it. */
  readonly signal?: BackupSignal;
  /** Of a drill: the same. */
  readonly drill?: DrillSignal;
}

/** What a success of a job says. */
export type Claim =
  /** One good run is new below its prefix. */
  | 'captured'
  /** The newest dump was restored and found valid, and a report of that is new. */
  | 'verified'
  /** A restore was rehearsed, and a report of that is new. */
  | 'rehearsed'
  /** What is expired is gone, and nothing else. */
  | 'pruned'
  /** The second store holds all that the first has committed. */
  | 'copied'
  /** What it reports of the store is what the store holds. */
  | 'looked';

/** What is watched of a site. */
export function monitoringOf({ plan }: Site): MonitoringPlan {
  if (plan.monitoring === undefined) {
    throw new Error(`site ${plan.site} is not watched`);
  }
  return plan.monitoring;
}

/** Every job that the plan of a site has, in an order in which each finds what it needs. */
export function jobsOf(site: Site): SiteJob[] {
  const { signals, verifications, prunes, drills, probe } = monitoringOf(site);
  const { databases, replication } = site.plan;
  const reports = new Map(
    databases.flatMap(({ dumps }) => (dumps === undefined ? [] : [[dumps.verification.jobName, dumps.verification]])),
  );
  return [
    ...signals.flatMap((signal): SiteJob[] => {
      const { namespace, cronJob: name, prefix } = signal;
      // A stream runs without a CronJob.
      return name === undefined
        ? []
        : [{ namespace, name, claims: 'captured', prefix, labels: backupLabels(signal), signal }];
    }),
    ...verifications.map((signal): SiteJob => {
      const { namespace, cronJob: name } = signal;
      const prefix = reports.get(name)?.reportPrefix;
      return { namespace, name, claims: 'verified', prefix, labels: assetLabels(signal) };
    }),
    ...drills.map((drill): SiteJob => {
      const { jobNamespace: namespace, cronJob: name, reportPrefix: prefix } = drill;
      return { namespace, name, claims: 'rehearsed', prefix, labels: drillLabels(drill), drill };
    }),
    ...prunes.map(({ namespace, cronJob: name }): SiteJob => ({ namespace, name, claims: 'pruned' })),
    ...(replication === undefined
      ? []
      : [
          {
            namespace: replication.namespace,
            name: replication.jobName,
            claims: 'copied',
            labels: { site: site.plan.site, namespace: replication.namespace, target: replication.targetName },
          } as const,
        ]),
    ...(probe === undefined
      ? []
      : [
          {
            namespace: probe.namespace,
            name: probe.cronJob,
            claims: 'looked',
            labels: { site: probe.site, store: probe.store },
          } as const,
        ]),
  ];
}

/** Names of the files that a run of an asset stores beside its marker, with TIME for the time in them. */
export function filesOf(site: Site, kind: AssetKind): string[] {
  switch (kind) {
    case AssetKind.DATABASE:
      return RUN_FILES.filter((name) => name !== 'backup.json');
    case AssetKind.CONFIGURATION:
      return [...exportPlanOf(site).resources.map(({ name }) => name), 'index'].map((name) => `${name}.json.gpg`);
    case AssetKind.VOLUMES: {
      const { name, claims } = volumePlanOf(site);
      return claims.map((claim) => `${claim}-${name}-TIME.json`);
    }
    case AssetKind.ETCD:
      return ['etcd.db.gpg'];
  }
}
