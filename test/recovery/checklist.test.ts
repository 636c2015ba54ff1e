import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import type { DisasterRecoveryConfig } from '../../lib';
import { Encryption, planRecovery, Schedule, ValidationCheck } from '../../lib';
import type { ChecklistItem } from '../../lib/recovery';
import { Answer, checklistOf, proceduresOf } from '../../lib/recovery';
import { minimal } from '../support/configs';
import { objectsIn, render } from '../support/render';

/** Section 10 of the specification, word for word. */
const ITEMS = [
  'RTO/RPO validated monthly',
  'Backup size monitored (alert if >1TB)',
  'Backup tests automated (monthly)',
  'Restore procedures documented',
  'Team trained on recovery',
  'Off-site backup replication enabled',
  'Backup encryption enabled',
  'Backup integrity verified',
  'Recovery point validated',
  'Failover tested quarterly',
];

function checklist(config: DisasterRecoveryConfig): Map<string, ChecklistItem> {
  const plan = planRecovery(config);
  return new Map(checklistOf(plan, proceduresOf(plan)).map((item) => [item.item, item]));
}

describe('the checklist', () => {
  it('has the ten items of the specification, in its words and order', () => {
    expect([...checklist(nextgen).keys()]).toEqual(ITEMS);
    expect([...checklist(minimal).keys()]).toEqual(ITEMS);
  });

  it('answers each item, or says who does it when, or which setting is missing', () => {
    for (const config of [nextgen, minimal]) {
      for (const { answer, by, everyDays, setting } of checklist(config).values()) {
        expect(by).not.toBe('');
        expect(everyDays !== undefined).toBe(answer === Answer.HUMAN);
        expect(setting !== undefined).toBe(answer === Answer.NOT_MET);
      }
    }
  });

  it('names only CronJobs and ConfigMaps that are generated', () => {
    for (const config of [nextgen, minimal]) {
      const known = objectsIn(render(config)).map(
        ({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`,
      );
      for (const { by } of checklist(config).values()) {
        for (const [, kind, name] of by.matchAll(/(CronJob|ConfigMap) `([a-z0-9-]+\/[a-z0-9-]+)`/g)) {
          expect(known).toContain(`${kind} ${name}`);
        }
      }
    }
  });

  it('gives people the intervals of the config', () => {
    const runbook = {
      validationInterval: Duration.days(28),
      trainingInterval: Duration.days(90),
      failoverInterval: Duration.days(60),
    };
    const items = checklist({ ...nextgen, runbook });
    expect(items.get('RTO/RPO validated monthly')?.everyDays).toBe(28);
    expect(items.get('Team trained on recovery')?.everyDays).toBe(90);
    expect(items.get('Failover tested quarterly')?.everyDays).toBe(60);
    const defaults = checklist(nextgen);
    expect(ITEMS.flatMap((item) => defaults.get(item)?.everyDays ?? [])).toEqual([30, 182, 91]);
  });

  it('counts encryption as met only when jobs seal', () => {
    expect(checklist(nextgen).get('Backup encryption enabled')?.answer).toBe(Answer.MET);
    const rest = { etcd: undefined, configuration: undefined, drills: undefined };
    const open = checklist({ ...nextgen, ...rest, encryption: Encryption.none() });
    expect(open.get('Backup encryption enabled')).toMatchObject({ answer: Answer.NOT_MET, setting: 'encryption' });
  });

  it('counts failovers as tested only when a drill does it every quarter, for every database', () => {
    const item = (drills: DisasterRecoveryConfig['drills']) =>
      checklist({ ...nextgen, drills }).get('Failover tested quarterly');
    expect(item({})?.answer).toBe(Answer.HUMAN);
    expect(item({ failover: {} })).toMatchObject({
      answer: Answer.MET,
      by: expect.stringContaining('CronJob `production/nextgen-postgres-failover`'),
    });
    expect(item({ failover: { schedule: Schedule.cron('0 6 1 1,7 *') } })?.answer).toBe(Answer.HUMAN);
  });

  it('counts automated tests as met only when every database is restored at least monthly', () => {
    expect(checklist(minimal).get('Backup tests automated (monthly)')).toMatchObject({
      answer: Answer.NOT_MET,
      setting: 'databases[0].dumps.verification',
    });
    expect(checklist(nextgen).get('Backup tests automated (monthly)')?.answer).toBe(Answer.MET);
  });

  it('counts the recovery point as validated only when a check compares it with the backup', () => {
    const [database] = nextgen.databases ?? [];
    const dumps = database?.dumps;
    if (database === undefined || dumps === undefined) {
      throw new Error('the reference config has a database with dumps');
    }
    const verification = { ...dumps.verification, checks: [ValidationCheck.minimumRows('users', 1)] };
    const unchecked = { ...nextgen, databases: [{ ...database, dumps: { ...dumps, verification } }] };
    expect(checklist(unchecked).get('Recovery point validated')).toMatchObject({
      answer: Answer.NOT_MET,
      setting: 'databases[0].dumps.verification.checks',
    });
    expect(checklist(nextgen).get('Recovery point validated')?.answer).toBe(Answer.MET);
    const blind = { ...dumps.verification, schedule: Schedule.everyHours(6), corruptionCheck: false };
    expect(
      checklist({ ...nextgen, databases: [{ ...database, dumps: { ...dumps, verification: blind } }] }).get(
        'Backup integrity verified',
      )?.setting,
    ).toBe('databases[0].dumps.verification.corruptionCheck');
  });

  it('counts off-site replication as met only with a second store', () => {
    expect(checklist(nextgen).get('Off-site backup replication enabled')?.answer).toBe(Answer.MET);
    expect(checklist(minimal).get('Off-site backup replication enabled')).toMatchObject({
      answer: Answer.NOT_MET,
      setting: 'replication',
    });
  });

  it('watches sizes only where monitoring is configured', () => {
    expect(checklist({ ...nextgen, monitoring: undefined }).get('Backup size monitored (alert if >1TB)')).toMatchObject(
      {
        answer: Answer.NOT_MET,
        setting: 'monitoring',
      },
    );
    expect(checklist({ ...nextgen, monitoring: {} }).get('Backup size monitored (alert if >1TB)')?.by).toContain(
      'alert `BackupTooLarge` above 931 Gi',
    );
  });

  it('says in docs/runbook.md what it says here', () => {
    const document = readFileSync(join(__dirname, '../../docs/runbook.md'), 'utf8');
    for (const item of ITEMS) {
      expect(document).toContain(item);
    }
  });
});
