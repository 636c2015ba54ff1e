import { isDeepStrictEqual } from 'node:util';
import { type MonitoringPlan, PUSH_JOB } from '../../../lib';
import { kubectl, waitForField } from './kubectl';

/** Stops or starts the generated Pushgateway of a site. */
export async function scalePushgateway(monitoring: MonitoringPlan | undefined, replicas: 0 | 1): Promise<void> {
  const { namespace = '', pushgateway: { name } = { name: '' } } = monitoring ?? {};
  await kubectl(['scale', 'deployment', name, '-n', namespace, `--replicas=${replicas}`]);
  await waitForField('deployment', name, namespace, '.status.readyReplicas', replicas === 0 ? '' : '1', 120);
}

/** A series as the Pushgateway has it, with the labels of its group. */
export interface Reported {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What was reported under exactly these labels, by name of the metric (README of prometheus/pushgateway, "Query API"). */
export async function reportedUnder(
  { namespace, pushgateway }: MonitoringPlan,
  labels: Readonly<Record<string, string>>,
): Promise<ReadonlyMap<string, readonly Reported[]>> {
  const service = `/api/v1/namespaces/${namespace}/services/${pushgateway?.name}:${pushgateway?.port}/proxy`;
  const { data } = JSON.parse(await kubectl(['get', '--raw', `${service}/api/v1/metrics`])) as { data: Group[] };
  const group = data.find((candidate) => isDeepStrictEqual(candidate.labels, { job: PUSH_JOB, ...labels })) ?? {};
  return new Map(
    Object.entries(group)
      .filter((entry): entry is [string, Family] => (entry[1] as Partial<Family>).metrics !== undefined)
      .map(([metric, { metrics }]) => [metric, metrics.map((one) => ({ ...one, value: Number(one.value) }))]),
  );
}

/** A group of reports: its labels, and every metric under its name. */
interface Group {
  readonly labels: Readonly<Record<string, string>>;
  readonly [metric: string]: unknown;
}

interface Family {
  readonly metrics: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: string }[];
}
