import { Duration } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import type { DisasterRecoveryConfig, LifecycleConfig, LifecycleRuleConfig } from '../../lib';
import { DisasterRecoveryError, ObjectStorage, planRecovery, StorageTier } from '../../lib';
import { minimal } from '../support/configs';

const account = '/subscriptions/0/resourceGroups/backups/providers/Microsoft.Storage/storageAccounts/nextgenbackups';

function lifecycle(changes: LifecycleConfig, site: DisasterRecoveryConfig = nextgen): DisasterRecoveryConfig {
  return { ...site, lifecycle: changes };
}

function rule(changes: Partial<LifecycleRuleConfig>): DisasterRecoveryConfig {
  return lifecycle({ rules: [{ prefix: 'postgres/daily', ...changes }] });
}

function errorOf(config: DisasterRecoveryConfig): DisasterRecoveryError {
  try {
    planRecovery(config);
  } catch (error) {
    if (error instanceof DisasterRecoveryError) {
      return error;
    }
    throw error;
  }
  throw new Error('the config was accepted');
}

const cool = { tier: StorageTier.COOL, after: Duration.days(30) };
const R = 'lifecycle.rules[0]';

const mistakes: [string, DisasterRecoveryConfig, string, string, string][] = [
  [
    'a margin of hours',
    lifecycle({ margin: Duration.hours(30) }),
    'days-not-whole',
    'lifecycle.margin',
    'Duration.days(2)',
  ],
  ['no margin', lifecycle({ margin: Duration.days(0) }), 'days-not-whole', 'lifecycle.margin', 'Duration.days(1)'],
  [
    'versions kept for hours',
    lifecycle({ versionsFor: Duration.hours(1) }),
    'days-not-whole',
    'lifecycle.versionsFor',
    'Duration.days(1)',
  ],
  [
    'reports kept for hours',
    lifecycle({ reportsFor: Duration.hours(49) }),
    'days-not-whole',
    'lifecycle.reportsFor',
    'Duration.days(3)',
  ],
  [
    'a bad namespace',
    lifecycle({ namespace: 'Store Rules' }),
    'name-invalid',
    'lifecycle.namespace',
    'use store-rules',
  ],
  ['an empty prefix', rule({ prefix: '' }), 'prefix-invalid', `${R}.prefix`, 'postgres/daily'],
  ['a prefix with a slash in front', rule({ prefix: '/postgres' }), 'prefix-invalid', `${R}.prefix`, 'postgres/daily'],
  ['a wildcard', rule({ prefix: 'postgres/*' }), 'prefix-invalid', `${R}.prefix`, 'postgres/daily'],
  [
    'two rules for one prefix',
    lifecycle({ rules: [{ prefix: 'postgres/daily' }, { prefix: 'postgres/daily/' }] }),
    'rule-duplicate',
    'lifecycle.rules[1].prefix',
    'into one rule',
  ],
  ['a writer without a name', rule({ writtenBy: '' }), 'writer-missing', `${R}.writtenBy`, 'name the tool'],
  [
    'a deletion after hours',
    rule({ deleteAfter: Duration.hours(721) }),
    'days-not-whole',
    `${R}.deleteAfter`,
    'Duration.days(31)',
  ],
  [
    'versions of one rule kept for minutes',
    rule({ versionsFor: Duration.minutes(5) }),
    'days-not-whole',
    `${R}.versionsFor`,
    'Duration.days(1)',
  ],
  [
    'a move after hours',
    rule({ moves: [{ tier: StorageTier.COOL, after: Duration.hours(5) }] }),
    'days-not-whole',
    `${R}.moves[0].after`,
    'Duration.days(1)',
  ],
  [
    'a move back to a quicker tier',
    rule({ moves: [{ tier: StorageTier.COLD, after: Duration.days(5) }, cool] }),
    'tier-order',
    `${R}.moves[1].tier`,
    'from the quickest tier to the cheapest',
  ],
  [
    'a later tier at an earlier time',
    rule({ moves: [cool, { tier: StorageTier.COLD, after: Duration.days(30) }] }),
    'tier-order',
    `${R}.moves[1].after`,
    'Duration.days(31)',
  ],
  [
    'an operator without owner',
    lifecycle({ azureServiceOperator: {} }),
    'operator-owner',
    'lifecycle.azureServiceOperator',
    'give ownerName',
  ],
  [
    'an operator with two owners',
    lifecycle({ azureServiceOperator: { ownerName: 'a', ownerArmId: account } }),
    'operator-owner',
    'lifecycle.azureServiceOperator',
    'keep ownerName',
  ],
  [
    'an owner that is no ARM id',
    lifecycle({ azureServiceOperator: { ownerArmId: 'nextgenbackups' } }),
    'operator-owner',
    'lifecycle.azureServiceOperator.ownerArmId',
    '/subscriptions/',
  ],
  [
    'an owner that is no name',
    lifecycle({ azureServiceOperator: { ownerName: 'My Account' } }),
    'name-invalid',
    'lifecycle.azureServiceOperator.ownerName',
    'use my-account',
  ],
  [
    'a version of another group',
    lifecycle({ azureServiceOperator: { ownerName: 'a', apiVersion: 'v1' } }),
    'operator-version',
    'lifecycle.azureServiceOperator.apiVersion',
    'storage.azure.com/v1api20230101',
  ],
  [
    'the operator of Azure on S3',
    lifecycle({ azureServiceOperator: { ownerName: 'a' } }, minimal),
    'operator-provider',
    'lifecycle.azureServiceOperator',
    'leave azureServiceOperator out',
  ],
  [
    'an immutability period of part of a day',
    { ...minimal, storage: ObjectStorage.gcs({ bucket: 'shop', workloadIdentity: 'a@b', immutableDays: 1.5 }) },
    'number-out-of-range',
    'storage.immutableDays',
    'use 2',
  ],
];

describe('a lifecycle is refused for', () => {
  it.each(mistakes)('%s, with rule, path, value and fix', (_, config, id, path, fix) => {
    const { problems, message } = errorOf(config);
    expect(problems).toContainEqual(expect.objectContaining({ rule: id, path, fix: expect.stringContaining(fix) }));
    expect(problems.every(({ actual }) => actual !== '')).toBe(true);
    expect(message).toContain(`${path}  [${id}]`);
  });

  it('an operator with one owner, by name or by ARM id, is accepted', () => {
    for (const owner of [{ ownerName: 'nextgenbackups' }, { ownerArmId: account }]) {
      expect(planRecovery(lifecycle({ azureServiceOperator: owner })).lifecycle?.azureServiceOperator).toEqual({
        ...owner,
        apiVersion: 'storage.azure.com/v1api20230101',
      });
    }
  });
});

describe('a lifecycle with many mistakes', () => {
  const config = lifecycle({
    margin: Duration.hours(1),
    generate: false,
    rules: [
      { prefix: 'a//b', deleteAfter: Duration.hours(1) },
      { prefix: 'postgres/hourly', deleteAfter: Duration.days(2) },
      { prefix: 'nowhere', moves: [{ tier: StorageTier.DEEP_ARCHIVE, after: Duration.days(200) }] },
      { prefix: 'postgres/daily', versionsFor: Duration.hours(1), deleteAfter: Duration.days(3) },
    ],
  });

  it('shows all of them at once, those of the plan beside those of the config, and nothing that follows from another', () => {
    const { problems, findings } = errorOf(config);
    expect(problems.map(({ rule: id, path }) => `${id} ${path}`)).toEqual([
      'days-not-whole lifecycle.margin',
      'prefix-invalid lifecycle.rules[0].prefix',
      'days-not-whole lifecycle.rules[0].deleteAfter',
      'days-not-whole lifecycle.rules[3].versionsFor',
    ]);
    expect(findings.map(({ rule: id, path }) => `${id} ${path}`)).toEqual([
      'rule-matches-nothing lifecycle.rules[2].prefix',
      'deletes-too-early lifecycle.rules[1].deleteAfter',
      'tier-unavailable lifecycle.rules[2].moves[0].tier',
    ]);
  });
});
