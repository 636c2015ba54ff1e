import { createHash } from 'node:crypto';
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { argoAnnotations, labelsFor, SyncWave } from '../../k8s';
import type { MonitoringPlan, RecoveryPlan } from '../../plan';
import { layOut } from './panel';
import { DATASOURCE_VARIABLE, panelJson } from './panel-json';
import { dashboardPanels } from './panels';

/** Label by which Grafana's sidecar finds dashboards (grafana helm chart, kube-prometheus-stack). */
const SIDECAR_LABEL = { grafana_dashboard: '1' } as const;

/** Annotation that names the folder, where the sidecar is told to read it (`folderAnnotation`). */
const FOLDER_ANNOTATION = 'grafana_folder';

/** Longest uid that Grafana takes. */
const LONGEST_UID = 40;

/** Adds the dashboard as a ConfigMap, for Grafana's sidecar or for a GrafanaDashboard's `configMapRef`. */
export function renderDashboard(scope: Construct, site: RecoveryPlan, plan: MonitoringPlan): void {
  const defaults = { site: site.site, namespace: plan.namespace, argoCd: site.argoCd };
  const name = `${site.site}-backup-dashboard`;
  new k8s.KubeConfigMap(scope, 'ConfigMap', {
    metadata: {
      name,
      namespace: plan.namespace,
      labels: { ...labelsFor(defaults, name, 'monitoring'), ...SIDECAR_LABEL },
      annotations: {
        ...argoAnnotations(defaults, SyncWave.JOB),
        ...(plan.dashboardFolder === undefined ? {} : { [FOLDER_ANNOTATION]: plan.dashboardFolder }),
      },
    },
    // Sidecars put the files of all ConfigMaps into one folder.
    data: { [`${name}.json`]: `${JSON.stringify(dashboardJson(site, plan), null, 2)}\n` },
  });
}

/** The dashboard in Grafana's JSON. */
export function dashboardJson(site: RecoveryPlan, plan: MonitoringPlan): object {
  const panels = dashboardPanels(site, plan);
  const places = layOut(panels);
  return {
    uid: dashboardUid(site.site),
    title: `Disaster recovery of ${site.site}`,
    description: 'Can I recover, to when, and how fast.',
    tags: ['backup', 'disaster-recovery'],
    schemaVersion: 39,
    editable: false,
    timezone: 'utc',
    refresh: '1m',
    time: { from: 'now-7d', to: 'now' },
    templating: {
      list: [
        {
          name: DATASOURCE_VARIABLE,
          label: 'Prometheus',
          type: 'datasource',
          query: 'prometheus',
          refresh: 1,
          hide: 0,
          includeAll: false,
          multi: false,
          options: [],
          regex: '',
          skipUrlSync: false,
        },
      ],
    },
    annotations: { list: [] },
    links: [],
    panels: panels.map((panel, index) => panelJson(panel, index + 1, places[index] ?? { x: 0, y: 0, w: 0, h: 0 })),
  };
}

/** The same for ever, since links lead to it; long names are told apart by a hash. */
function dashboardUid(site: string): string {
  const uid = `cdk8s-dr-${site}`;
  const hash = createHash('sha256').update(site).digest('hex').slice(0, 8);
  return uid.length <= LONGEST_UID ? uid : `${uid.slice(0, LONGEST_UID - hash.length - 1)}-${hash}`;
}
