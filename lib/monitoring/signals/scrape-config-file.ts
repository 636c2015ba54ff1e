import { Yaml } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { argoAnnotations, labelsFor, SyncWave } from '../../k8s';
import { CLUSTER_LABEL, SCRAPE_INTERVAL } from '../../plan';
import type { ScrapeProps } from './pod-monitors';
import type { ScrapeTarget } from './scrape-targets';
import { CLUSTER_META_LABEL } from './scrape-targets';

/** Name of the ConfigMap. */
const NAME = 'backup-scrape-configs';

/** Scrape configs for a Prometheus without the operator: a file for its `scrape_config_files` (prometheus docs/configuration, since 2.43). */
export class ScrapeConfigFile extends Construct {
  public constructor(scope: Construct, id: string, { defaults, labels, targets }: ScrapeProps) {
    super(scope, id);
    new k8s.KubeConfigMap(this, 'Resource', {
      metadata: {
        name: NAME,
        namespace: defaults.namespace,
        labels: { ...labelsFor(defaults, NAME, 'monitoring'), ...labels },
        annotations: argoAnnotations(defaults, SyncWave.PREREQUISITE),
      },
      data: { 'backup.yaml': Yaml.stringify({ scrape_configs: targets.map(scrapeConfig) }) },
    });
  }
}

function scrapeConfig(target: ScrapeTarget): object {
  const { job, namespaces, podLabels, honorLabels } = target;
  const label = Object.entries(podLabels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  return {
    job_name: job,
    scrape_interval: `${SCRAPE_INTERVAL}s`,
    ...(honorLabels ? { honor_labels: true } : {}),
    kubernetes_sd_configs: [{ role: 'pod', namespaces: { names: namespaces }, selectors: [{ role: 'pod', label }] }],
    relabel_configs: relabelConfigs(target),
  };
}

/** The labels that the operator would give. */
function relabelConfigs({ port, clusters, honorLabels }: ScrapeTarget): object[] {
  const copy = (from: string, to: string): object => ({ source_labels: [from], target_label: to });
  return [
    { source_labels: ['__meta_kubernetes_pod_container_port_name'], regex: port, action: 'keep' },
    copy('__meta_kubernetes_namespace', 'namespace'),
    ...(honorLabels ? [] : [copy('__meta_kubernetes_pod_name', 'pod')]),
    ...(clusters.length === 0
      ? []
      : [
          {
            source_labels: ['__meta_kubernetes_namespace', CLUSTER_META_LABEL],
            regex: clusters.join('|'),
            action: 'keep',
          },
          copy(CLUSTER_META_LABEL, CLUSTER_LABEL),
        ]),
  ];
}
