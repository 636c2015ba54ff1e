import type { MonitoringConfig, PushgatewayConfig } from './monitoring';
import { RFC_1123_LABEL } from './names';
import type { Problems } from './problem';
import { bytesOf, formatBytes } from './units';
import { requireCidrs } from './validate-network';
import { requireName, validateSchedule } from './validate-values';

/** An optional DNS prefix and a name, as Kubernetes has them (kubernetes.io Labels and Selectors). */
const LABEL_KEY = /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

/** A StorageClass is named like a DNS subdomain. */
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

const MIB = 1024 ** 2;

/** Checks how alerts and dashboards reach the monitoring stack. */
export function validateMonitoring(monitoring: MonitoringConfig, problems: Problems): void {
  const { namespace, labels = {}, pushgateway = {}, largestBackup, runbookUrl, dashboardFolder } = monitoring;
  if (namespace !== undefined) {
    requireName(namespace, 'monitoring.namespace', RFC_1123_LABEL, 63, problems);
  }
  validateLabels(labels, 'monitoring.labels', problems);
  validatePushgateway(pushgateway, 'monitoring.pushgateway', problems);
  validateWatchers(monitoring, problems);
  validateSchedule(monitoring.storeProbe?.schedule, 'monitoring.storeProbe.schedule', problems);
  if (largestBackup !== undefined && bytesOf(largestBackup) <= 0) {
    problems.add(
      'size-not-positive',
      'monitoring.largestBackup',
      formatBytes(bytesOf(largestBackup)),
      'must be larger than nothing, or every backup would be too large',
      'use Size.gibibytes(931), or leave it out',
    );
  }
  if (runbookUrl !== undefined && parse(runbookUrl) === undefined) {
    problems.add(
      'url-invalid',
      'monitoring.runbookUrl',
      runbookUrl,
      'must be an absolute http or https URL, to which alerts add an anchor',
      'write it like https://runbooks.example.com/backup',
    );
  }
  if (dashboardFolder?.trim() === '') {
    problems.add(
      'folder-empty',
      'monitoring.dashboardFolder',
      dashboardFolder,
      'must be the name of a folder',
      'leave dashboardFolder out for the default folder',
    );
  }
}

/** Checks who is let in. */
function validateWatchers({ prometheusPods, kubeStateMetrics }: MonitoringConfig, problems: Problems): void {
  if (prometheusPods?.namespace !== undefined) {
    requireName(prometheusPods.namespace, 'monitoring.prometheusPods.namespace', RFC_1123_LABEL, 63, problems);
  }
  const { podLabels } = prometheusPods ?? {};
  if (podLabels !== undefined && Object.keys(podLabels).length === 0) {
    problems.add(
      'labels-empty',
      'monitoring.prometheusPods.podLabels',
      undefined,
      'must have at least one label: without any, every pod could forge reports',
      'leave podLabels out, or name the labels of the pods of your Prometheus',
    );
  }
  validateLabels(podLabels ?? {}, 'monitoring.prometheusPods.podLabels', problems);
  if (kubeStateMetrics !== undefined) {
    const { namespace, serviceAccountName } = kubeStateMetrics;
    requireName(namespace, 'monitoring.kubeStateMetrics.namespace', RFC_1123_LABEL, 63, problems);
    requireName(serviceAccountName, 'monitoring.kubeStateMetrics.serviceAccountName', SUBDOMAIN, 253, problems);
  }
}

function validateLabels(labels: Readonly<Record<string, string>>, path: string, problems: Problems): void {
  for (const [key, value] of Object.entries(labels)) {
    if (!LABEL_KEY.test(key)) {
      problems.add(
        'label-invalid',
        `${path}[${JSON.stringify(key)}]`,
        key,
        'is no label key: at most 63 letters, digits, hyphens, underscores and dots, after an optional DNS name and a slash',
        'use release',
      );
    } else if (!LABEL_VALUE.test(value)) {
      problems.add(
        'label-invalid',
        `${path}[${JSON.stringify(key)}]`,
        value,
        'is no label value: at most 63 letters, digits, hyphens, underscores and dots',
        'use the value that the selector of your Prometheus names',
      );
    }
  }
}

function validatePushgateway(pushgateway: PushgatewayConfig, path: string, problems: Problems): void {
  const { url, storage, storageClass, nodeCidrs } = pushgateway;
  if (url !== undefined) {
    validatePushUrl(url, `${path}.url`, problems);
    for (const [field, value] of Object.entries({ storage, storageClass, nodeCidrs })) {
      if (value !== undefined) {
        problems.add(
          'pushgateway-exists',
          `${path}.${field}`,
          field,
          'is for a Pushgateway that is generated, but url names one that exists',
          `remove ${field}, or url`,
        );
      }
    }
  }
  requireCidrs(nodeCidrs, `${path}.nodeCidrs`, problems);
  if (storage !== undefined && bytesOf(storage) < MIB) {
    problems.add(
      'size-not-positive',
      `${path}.storage`,
      formatBytes(bytesOf(storage)),
      'must be at least 1 Mi',
      'use Size.gibibytes(1), or leave it out',
    );
  }
  if (storageClass !== undefined) {
    requireName(storageClass, `${path}.storageClass`, SUBDOMAIN, 253, problems);
  }
}

/** Runs append the path, and a password in a URL would stand in every manifest. */
function validatePushUrl(url: string, path: string, problems: Problems): void {
  const parsed = parse(url);
  if (parsed === undefined) {
    problems.add(
      'url-invalid',
      path,
      url,
      'must be an absolute http or https URL',
      'write it like http://pushgateway.monitoring.svc:9091',
    );
    return;
  }
  const plain = `${parsed.protocol}//${parsed.host}`;
  if (parsed.username !== '' || parsed.password !== '') {
    problems.add(
      'url-credentials',
      path,
      `${parsed.protocol}//...@${parsed.host}`,
      'must hold no credentials: it stands in every manifest',
      `use ${plain}, and restrict who may reach it with a NetworkPolicy`,
    );
  } else if (url !== plain) {
    problems.add('url-path', path, url, 'must have no path, query or default port: runs append theirs', `use ${plain}`);
  }
}

function parse(text: string): URL | undefined {
  return /^https?:\/\//.test(text) && URL.canParse(text) ? new URL(text) : undefined;
}
