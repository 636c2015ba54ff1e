import { Chart, Duration, Size, Testing } from 'cdk8s';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type QuiesceConfig, Retention, Schedule, type VolumePlan, VolumeProtection } from '../../lib';
import { until } from './machine/run';
import { finish, runToSuccess, start } from './support/jobs';
import { apply, list, remove } from './support/kubectl';
import { NEXTGEN, ready, suspend } from './support/site';
import { Store } from './support/store';
import { MountedClaim, restore, volumePlanOf } from './support/volumes';

const plan = volumePlanOf(NEXTGEN);
const { namespace } = plan;
const CLAIM = plan.claims.at(-1) ?? '';

describe('the quiesce hook', () => {
  let writer: MountedClaim;
  let records: string;

  beforeAll(async () => {
    await ready(NEXTGEN);
    writer = await MountedClaim.mount(namespace, CLAIM);
  });

  afterAll(async () => {
    await remove('pod', writer.pod, namespace);
    // Records of a config that is not the site's.
    await (await Store.open(NEXTGEN.plan.storage)).removeAll(records);
  });

  const quiesce: QuiesceConfig = {
    podLabels: { 'mounts-claim': CLAIM },
    before: ['cp', '/dev/null', '/data/stopped'],
    after: ['rm', '-f', '/data/stopped'],
    timeout: Duration.seconds(25),
  };

  it('stops writers while snapshots are cut, and lets them go on', async () => {
    const { jobName: name, prefix } = await installHook('quiesced', quiesce, plan.snapshotClassName);
    records = prefix;
    const log = await runToSuccess(namespace, name);
    expect(log).toContain('quiesce: released 1 pods');
    expect(await writer.read('stopped')).toBeUndefined();
    const [snapshot] = await list('volumesnapshots', namespace, 'cdk8s-dr/asset=quiesced');
    const restored = await restore(namespace, snapshot?.metadata.name ?? '', 'restored-quiesced');
    expect(await restored.read('stopped')).toBe('');
    await restored.discard();
  });

  it('is released when the pod is killed in between', async () => {
    const { jobName: name } = await installHook('killed', quiesce, 'no-such-class');
    const run = await start(namespace, name);
    await until(
      'writers to be stopped',
      60,
      async () => ((await writer.read('stopped')) === '' ? '' : 'not stopped'),
      500,
    );
    // The pod gets a signal, and no retry follows; by itself it would stop waiting later than this test does.
    await finish(run);
    await until(
      'writers to be released',
      15,
      async () => ((await writer.read('stopped')) === undefined ? '' : 'still stopped'),
      500,
    );
  });
});

/** Installs a job with a hook beside those of the reference config. */
async function installHook(name: string, quiesce: QuiesceConfig, snapshotClassName: string): Promise<VolumePlan> {
  const chart = new Chart(Testing.app(), 'hook');
  const { volumes } = new VolumeProtection(chart, 'Volumes', {
    site: 'hook',
    namespace,
    storage: NEXTGEN.plan.storage,
    volume: {
      name,
      objective: { rpo: Duration.days(3), rto: Duration.hours(1) },
      claims: [CLAIM],
      size: Size.gibibytes(1),
      snapshotClassName,
      schedule: Schedule.dailyAt('00:00'),
      retention: Retention.days(7),
      quiesce,
    },
  }).plan;
  await apply(chart.toJson());
  const [planned] = volumes;
  if (planned === undefined) {
    throw new Error('a protection plans one asset');
  }
  await suspend([{ namespace, name: planned.jobName }], true);
  return planned;
}
