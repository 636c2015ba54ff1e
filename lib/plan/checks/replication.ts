import { Duration } from 'cdk8s';
import type { DisasterRecoveryConfig, ReplicationConfig, SecretKey } from '../../config';
import { folderOf, formatSeconds, SealMethod, StorageProvider, secondsOf } from '../../config';
import { dialectOf, jobSecrets } from '../../storage';
import type { Finding } from '../finding';
import { Severity } from '../finding';
import type { LifecyclePlan, WrittenPrefix } from '../lifecycle-plan';
import type { ReplicationPlan } from '../replication-plan';
import { checkApplied, checkRuleCount } from './lifecycle';
import { checkDeadline } from './runs';

const DAY = 86400;

/** The second copy of a site, as every check below sees it. */
export interface ReplicationUnderCheck {
  readonly site: DisasterRecoveryConfig;
  readonly config: ReplicationConfig;
  readonly plan: ReplicationPlan;
  /** Every prefix that is written to the first store. */
  readonly written: readonly WrittenPrefix[];
}

/** Two names of one place are one copy; two places that fail together are not much more. */
export function checkTarget({ site, config }: ReplicationUnderCheck): Finding[] {
  const first = dialectOf(site.storage);
  const second = dialectOf(config.target);
  if (first.location === second.location) {
    return [
      {
        ...finding('replica-is-source', 'replication.target'),
        actual: second.location,
        limit: 'another store',
        message: 'the second store is the first',
        fix: 'name a container or bucket in another region, account or provider',
      },
    ];
  }
  return first.failsWith === second.failsWith
    ? [
        {
          ...finding('replica-fails-together', 'replication.target', Severity.WARNING),
          actual: second.failsWith,
          limit: 'another region, account or provider',
          message: `both copies are lost with ${second.failsWith}`,
          fix: 'name a store in another region and another account',
        },
      ]
    : [];
}

/** Whoever holds one key should not hold both copies, and a pod has one identity of each kind. */
export function checkCredentials({ site, config }: ReplicationUnderCheck): Finding[] {
  const text = ({ secretName, key }: SecretKey): string => `${secretName}/${key}`;
  const first = jobSecrets(site.storage).map(text);
  const shared = jobSecrets(config.target)
    .map(text)
    .find((secret) => first.includes(secret));
  // A key opens one storage account, so that one Secret for two is a mistake and not only a risk.
  const impossible =
    config.target.provider === StorageProvider.AZURE_BLOB &&
    site.storage.provider === StorageProvider.AZURE_BLOB &&
    site.storage.azure?.account !== config.target.azure?.account;
  const credentials: Finding[] =
    shared === undefined
      ? []
      : [
          {
            ...finding(
              'replica-credentials-shared',
              'replication.target',
              impossible ? Severity.ERROR : Severity.WARNING,
            ),
            actual: shared,
            limit: 'a Secret of its own',
            message: impossible
              ? 'a credential of one storage account does not open the other'
              : 'whoever steals the one credential reaches both copies',
            fix: 'give the second store a Secret of its own, with the right to read, list and create only',
          },
        ];
  return [...credentials, ...checkIdentities(site, config)];
}

function checkIdentities(site: DisasterRecoveryConfig, config: ReplicationConfig): Finding[] {
  const first = dialectOf(site.storage).serviceAccountAnnotations;
  const second = dialectOf(config.target).serviceAccountAnnotations;
  const conflict = Object.keys(second).find((name) => first[name] !== undefined && first[name] !== second[name]);
  return conflict === undefined
    ? []
    : [
        {
          ...finding('replica-identities', 'replication.target'),
          actual: `${first[conflict]} and ${second[conflict]}`,
          limit: 'one identity',
          message: `a pod has one ServiceAccount, and that has one ${conflict}`,
          fix: 'use one identity that may read the first store and write the second, or a Secret for the second store',
        },
      ];
}

/** The second copy may be behind, but not by more than was allowed; and its runs end before the next. */
export function checkLag({ config, plan }: ReplicationUnderCheck): Finding[] {
  const limit = config.lag === undefined ? Number.POSITIVE_INFINITY : secondsOf(config.lag);
  const unmet: Finding[] =
    plan.lag <= limit
      ? []
      : [
          {
            ...finding(
              'replication-lag-unmet',
              config.schedule === undefined ? 'replication.lag' : 'replication.schedule',
            ),
            actual: formatSeconds(plan.lag),
            limit: formatSeconds(limit),
            message: `the second copy, made ${plan.run.description}, may be ${formatSeconds(plan.lag)} behind; the lag is ${formatSeconds(limit)}`,
            fix:
              config.schedule === undefined
                ? `allow a lag of ${formatSeconds(plan.lag)}, or copy fewer prefixes`
                : 'leave schedule out to have it derived, or allow a longer lag',
          },
        ];
  return [
    ...unmet,
    ...checkDeadline({
      asset: 'replication',
      path: 'replication.deadline',
      run: plan.run,
      needs: plan.runSeconds,
      what: 'the replication',
    }),
  ];
}

/** Objectives concern the first store; whoever loses both cluster and store should know beforehand what that costs. */
export function checkOffsite({ plan }: ReplicationUnderCheck): Finding[] {
  const behind = plan.offsite.filter(({ rpo, worstCaseLoss }) => worstCaseLoss !== undefined && worstCaseLoss > rpo);
  const absent = plan.offsite.filter(({ worstCaseLoss }) => worstCaseLoss === undefined);
  return [
    ...(behind.length === 0
      ? []
      : [
          {
            ...finding('replica-behind-rpo', 'replication', Severity.WARNING),
            actual: behind
              .map(({ asset, worstCaseLoss }) => `${asset} ${formatSeconds(worstCaseLoss ?? 0)}`)
              .join(', '),
            limit: behind.map(({ asset, rpo }) => `${asset} ${formatSeconds(rpo)}`).join(', '),
            message: `when the first store is lost together with the cluster, more is lost than the RPO of ${names(behind)}`,
            fix: 'accept it, or replicate more often; what has an RPO of minutes off-site takes a standby in another region',
          },
        ]),
    ...(absent.length === 0
      ? []
      : [
          {
            ...finding('replica-missing', 'replication', Severity.WARNING),
            actual: 'nothing to restore from',
            limit: 'a copy in the second store',
            message: `${names(absent)} cannot be restored from the second store: snapshots stay with their provider`,
            fix: 'take snapshots with a class that stores them in another region, or back the data up to the store',
          },
        ]),
  ];
}

/** A folder below which nothing is written is a mistake in writing. */
export function checkReplicatedPrefixes({ config, written }: ReplicationUnderCheck): Finding[] {
  return (config.prefixes ?? []).flatMap((prefix, index) =>
    written.some(({ rulePrefix }) => rulePrefix.startsWith(folderOf(prefix)))
      ? []
      : [
          {
            ...finding('replica-of-nothing', `replication.prefixes[${index}]`),
            actual: prefix,
            limit: 'a folder that something writes',
            message: `nothing is written below ${folderOf(prefix)}, or only a part of what belongs together`,
            fix: `use one of ${[...new Set(written.map(({ rulePrefix }) => rulePrefix.slice(0, -1)))].join(', ')}`,
          },
        ],
  );
}

/** Nobody deletes in the second store but its own rules. */
export function checkGrowth({ config, plan }: ReplicationUnderCheck): Finding[] {
  if (plan.lifecycle === undefined) {
    return [
      {
        ...finding('replica-grows', 'replication.keepLonger', Severity.WARNING),
        actual: 'for ever',
        limit: 'an age at which copies are deleted',
        message: 'no job deletes in the second store, so that it grows for ever',
        fix: 'give keepLonger, and apply the lifecycle rules that follow from it',
      },
    ];
  }
  const rules = { plan: plan.lifecycle, dialect: dialectOf(config.target).lifecycle, assets: [] };
  const policy = [...checkRuleCount(rules), ...checkApplied(rules)];
  return [
    ...policy.map((found) => ({ ...found, asset: 'replication', path: 'replication.keepLonger' })),
    ...checkImmutablePeriod(config, plan.lifecycle),
  ];
}

function checkImmutablePeriod(config: ReplicationConfig, { rules }: LifecyclePlan): Finding[] {
  const { immutableDays } = config.target;
  const days = rules.map(({ deleteAfterDays }) => deleteAfterDays ?? Number.POSITIVE_INFINITY);
  const shortest = Math.min(...days);
  const missing = immutableDays - shortest;
  return shortest >= immutableDays
    ? []
    : [
        {
          ...finding('immutable-beyond-rule', 'replication.keepLonger'),
          actual: `${shortest}d`,
          limit: `at least ${immutableDays}d`,
          message: `a rule deletes after ${shortest}d, but the second store protects objects for ${immutableDays}d: it says what does not happen`,
          fix: `use Duration.days(${secondsOf(config.keepLonger ?? Duration.days(0)) / DAY + missing}) or more`,
        },
      ];
}

/** The second copy is for the day on which somebody has the keys of the first. */
export function checkExposure({ site, config }: ReplicationUnderCheck): Finding[] {
  const mutable: Finding[] =
    config.target.immutableDays > 0
      ? []
      : [
          {
            ...finding('replica-mutable', 'replication.target', Severity.WARNING),
            actual: 'no immutability period',
            limit: 'copies that nobody can delete for some days',
            message: 'whoever takes over the cluster holds the credentials of both stores, and may delete both copies',
            fix: 'give the second store an immutability period and say so with immutableDays',
          },
        ];
  const unsealed: Finding[] =
    site.encryption.method !== SealMethod.NONE
      ? []
      : [
          {
            ...finding('replica-unsealed', 'encryption', Severity.WARNING),
            actual: 'none',
            limit: 'passphrase or recipient',
            message: 'whoever reads the second store, which others may run, reads the data',
            fix: 'use Encryption.passphrase or Encryption.recipient',
          },
        ];
  return [...mutable, ...unsealed];
}

function names(assets: readonly { readonly asset: string }[]): string {
  return assets.map(({ asset }) => asset).join(', ');
}

function finding(
  rule: string,
  path: string,
  severity: Severity = Severity.ERROR,
): Pick<Finding, 'rule' | 'severity' | 'asset' | 'path'> {
  return { rule, severity, asset: 'replication', path };
}
