import type { MonitoringPlan } from '../../../lib';
import { kubectl, waitForField } from './kubectl';

/** Stops or starts the generated Pushgateway of a site. */
export async function scalePushgateway(monitoring: MonitoringPlan | undefined, replicas: 0 | 1): Promise<void> {
  const { namespace = '', pushgateway: { name } = { name: '' } } = monitoring ?? {};
  await kubectl(['scale', 'deployment', name, '-n', namespace, `--replicas=${replicas}`]);
  await waitForField('deployment', name, namespace, '.status.readyReplicas', replicas === 0 ? '' : '1', 120);
}
