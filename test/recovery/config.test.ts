import { Duration } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import type { DisasterRecoveryConfig, EtcdMemberConfig, Problem, RunbookConfig } from '../../lib';
import { type DisasterRecoveryError, planDocument, planRecovery, readPlan } from '../../lib';
import { complete } from '../support/configs';

function problemsOf(config: DisasterRecoveryConfig): readonly Problem[] {
  try {
    planRecovery(config);
    return [];
  } catch (error) {
    return (error as DisasterRecoveryError).problems;
  }
}

const runbook = (changes: RunbookConfig): DisasterRecoveryConfig => ({ ...nextgen, runbook: changes });
const members = (...list: EtcdMemberConfig[]): DisasterRecoveryConfig => ({
  ...nextgen,
  ...(nextgen.etcd === undefined ? {} : { etcd: { ...nextgen.etcd, members: list } }),
});
const cp1 = { name: 'cp1', peerUrl: 'https://10.0.0.1:2380' };

describe('the runbook is refused with', () => {
  it.each<[string, DisasterRecoveryConfig, string, string, string]>([
    ['a namespace that is none', runbook({ namespace: 'Not One' }), 'name-invalid', 'runbook.namespace', 'use not-one'],
    [
      'an empty contact',
      runbook({ contacts: ['a', ' '] }),
      'contact-invalid',
      'runbook.contacts[1]',
      'Name: telephone',
    ],
    [
      'a contact of two lines',
      runbook({ contacts: ['a\nb'] }),
      'contact-invalid',
      'runbook.contacts[0]',
      'Name: telephone',
    ],
    [
      'an interval of hours',
      runbook({ failoverInterval: Duration.hours(23) }),
      'interval-too-short',
      'runbook.failoverInterval',
      'Duration.days(30)',
    ],
    [
      'a member without https',
      members({ ...cp1, peerUrl: 'http://10.0.0.1:2380' }),
      'peer-url-invalid',
      'etcd.members[0].peerUrl',
      'https://10.0.0.1:2380',
    ],
    [
      'a member with a path',
      members({ ...cp1, peerUrl: 'https://10.0.0.1:2380/x' }),
      'peer-url-invalid',
      'etcd.members[0].peerUrl',
      'https://10.0.0.1:2380',
    ],
    [
      'a member whose name is none',
      members({ ...cp1, name: 'CP 1' }),
      'name-invalid',
      'etcd.members[0].name',
      'use cp-1',
    ],
    [
      'two members of one name',
      members(cp1, { ...cp1, peerUrl: 'https://10.0.0.2:2380' }),
      'member-duplicate',
      'etcd.members[1]',
      'give each member its own',
    ],
    [
      'two members of one address',
      members(cp1, { ...cp1, name: 'cp2' }),
      'member-duplicate',
      'etcd.members[1]',
      'give each member its own',
    ],
  ])('%s, with rule, path and fix', (_, config, rule, path, fix) => {
    expect(problemsOf(config)).toEqual([expect.objectContaining({ rule, path, fix: expect.stringContaining(fix) })]);
  });

  it('all of it at once', () => {
    const config = runbook({ namespace: '-', contacts: [''], trainingInterval: Duration.minutes(1) });
    expect(problemsOf(config).map(({ path }) => path)).toEqual([
      'runbook.namespace',
      'runbook.contacts[0]',
      'runbook.trainingInterval',
    ]);
  });
});

describe('the nearest settings that work', () => {
  it('are accepted: a day, names, addresses by name or IPv6', () => {
    expect(problemsOf(runbook({ contacts: ['On call: 112'], failoverInterval: Duration.days(1) }))).toEqual([]);
    const named = { name: 'cp2', peerUrl: 'https://cp2.example.net:2380' };
    expect(problemsOf(members(cp1, named, { name: 'cp3', peerUrl: 'https://[fd00::3]:2380' }))).toEqual([]);
  });

  it('put the runbook where they say, and list its namespace as one that must exist', () => {
    const plan = planRecovery(runbook({ namespace: 'on-call' }));
    expect(plan.runbook).toMatchObject({ name: 'nextgen-runbook', planName: 'nextgen-recovery', namespace: 'on-call' });
    expect(plan.externalReferences).toContainEqual(expect.objectContaining({ kind: 'Namespace', name: 'on-call' }));
  });
});

describe('the plan as JSON', () => {
  it.each([
    ['the reference config', nextgen],
    ['the config with every option', complete],
  ])('is read back as it was: %s', (_, config) => {
    const plan = planRecovery(config);
    expect(JSON.parse(JSON.stringify(readPlan(planDocument(plan))))).toEqual(JSON.parse(JSON.stringify(plan)));
    expect(readPlan(planDocument(plan)).rcloneImage.problem()).toBe('');
  });

  it('that is none, or of another version, is refused with what it is', () => {
    expect(() => readPlan('{')).toThrow('the plan is not JSON');
    expect(() => readPlan('null')).toThrow('the plan has version undefined; this cdk8s-dr reads version 1');
    expect(() => readPlan('{"version": 2, "site": "x"}')).toThrow('version 2');
  });
});
