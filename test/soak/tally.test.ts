import { describe, expect, it } from 'vitest';
import { JOBS } from '../cluster/soak/jobs';
import { RUN_FAULTS } from '../cluster/soak/run-faults';
import { faultsOf, type Round, tallyOf, wrong } from '../cluster/soak/tally';
import { NEXTGEN, objectsOf } from '../cluster/support/site';

const good: Round = {
  round: 1,
  fault: 'disk full',
  faults: 3,
  jobs: ['a', 'b', 'c'],
  runs: 6,
  succeeded: 3,
  falseSuccesses: [],
  lost: [],
  notRecovered: [],
};
const bad: Round = {
  ...good,
  round: 2,
  fault: 'pod lost',
  faults: 2,
  falseSuccesses: ['a of key'],
  lost: ['x', 'y'],
  notRecovered: ['b'],
};

describe('the tally of a soak', () => {
  it('counts faults, runs and what went wrong for each fault and for all', () => {
    expect(tallyOf([good, bad, good]).trimEnd().split('\n').slice(2)).toEqual([
      '| disk full | 6 | 12 | 6 | 0 | 0 | 0 |',
      '| pod lost | 2 | 6 | 3 | 1 | 2 | 1 |',
      '| all | 8 | 18 | 9 | 1 | 2 | 1 |',
    ]);
    expect(faultsOf([good, bad])).toBe(5);
  });

  it('says of a round what was a false success, what was lost, and what did not recover', () => {
    expect(wrong(good)).toEqual([]);
    expect(wrong(bad)).toEqual(['false success: a of key', 'copy lost: x', 'copy lost: y', 'not recovered: b']);
  });
});

describe('the jobs of a soak', () => {
  const cronJobs = objectsOf(NEXTGEN).filter(({ kind }) => kind === 'CronJob');

  it.each(JOBS.map((job) => [job.cronJob, job] as const))('%s is in the manifests, with its steps', (_, job) => {
    const manifest = cronJobs.find(
      ({ metadata }) => metadata.name === job.cronJob && metadata.namespace === job.namespace,
    );
    const { initContainers = [], containers } = manifest?.spec.jobTemplate.spec.template.spec ?? { containers: [] };
    const names = [...initContainers, ...containers].map(({ name }) => name);
    expect(job.steps.filter((step) => !names.includes(step))).toEqual([]);
    // What faults are made of.
    const { volumes } = manifest?.spec.jobTemplate.spec.template.spec ?? {};
    expect(volumes.map(({ name }: { name: string }) => name)).toContain('work');
    expect(JSON.stringify([initContainers, containers])).toContain('"RCLONE_CONFIG_STORE_KEY"');
  });

  it('are such that every fault fits one of them', () => {
    expect(RUN_FAULTS.filter(({ fits }) => !JOBS.some(fits)).map(({ name }) => name)).toEqual([]);
  });
});
