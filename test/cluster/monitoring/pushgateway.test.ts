import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../machine/run';
import { exportPlanOf } from '../support/exports';
import { runToSuccess } from '../support/jobs';
import { tryKubectl, waitForField } from '../support/kubectl';
import { scalePushgateway } from '../support/pushgateway';
import { committedIds, markerOf, newRun } from '../support/runs';
import { NEXTGEN, ready } from '../support/site';
import { Store } from '../support/store';

const configuration = exportPlanOf(NEXTGEN);
const { monitoring } = NEXTGEN.plan;
const gateway = monitoring?.pushgateway;
const namespace = monitoring?.namespace ?? '';
const name = gateway?.name ?? '';

/** Values of a metric of the export, as the Pushgateway exposes them to whoever scrapes it. */
async function exposed(metric: string): Promise<number[]> {
  const path = `/api/v1/namespaces/${namespace}/services/${name}:${gateway?.port}/proxy/metrics`;
  const { out } = await tryKubectl(['get', '--raw', path]);
  return out
    .split('\n')
    .filter((line) => line.startsWith(`${metric}{`) && line.includes('asset_kind="configuration"'))
    .map((line) => Number(line.split('} ')[1]));
}

describe('the Pushgateway', () => {
  let store: Store;
  let heard: number[];

  beforeAll(async () => {
    await ready(NEXTGEN);
    store = await Store.open(NEXTGEN.plan.storage);
    await waitForField('deployment', name, namespace, '.status.readyReplicas', '1', 180);
  });

  afterAll(() => scalePushgateway(monitoring, 1));

  it('hears of a run once it has committed: when, how much, and when the next one is expected', async () => {
    const id = await newRun(store, configuration, configuration.namespace, configuration.jobName);
    const marker = await markerOf(store, configuration, id);
    heard = await exposed('backup_last_success_timestamp_seconds');
    expect(heard).toHaveLength(1);
    const late = (heard[0] ?? 0) - Date.parse(marker.finishedAt) / 1000;
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(configuration.run.deadline);
    const bytes = marker.files.reduce((sum, file) => sum + file.bytes, 0);
    expect(await exposed('backup_size_bytes')).toEqual([bytes]);
    expect(await exposed('backup_expected_interval_seconds')).toEqual([configuration.run.longestGap]);
    expect((await exposed('backup_duration_seconds'))[0]).toBeLessThan(configuration.run.deadline);
  });

  it('being away fails no run, which says so in its log', async () => {
    await scalePushgateway(monitoring, 0);
    const before = await committedIds(store, configuration);
    const log = await runToSuccess(configuration.namespace, configuration.jobName);
    expect(log).toMatch(/did not take the report; the run is what it is all the same/);
    expect(await committedIds(store, configuration)).toHaveLength(before.length + 1);
  });

  it('still knows what it was told before it was away', async () => {
    await scalePushgateway(monitoring, 1);
    let again: number[] = [];
    await until(
      'the Pushgateway to answer',
      60,
      async () => {
        again = await exposed('backup_last_success_timestamp_seconds');
        return again.length === 1 ? '' : `${again.length} values`;
      },
      1000,
    );
    expect(again).toEqual(heard);
  });
});
