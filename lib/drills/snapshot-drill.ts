import { join } from 'node:path';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import type {
  AssumptionsConfig,
  GitOpsConfig,
  ImagesConfig,
  MonitoringConfig,
  NetworkConfig,
  ObjectStorage,
  SnapshotDrillConfig,
  VolumeConfig,
} from '../config';
import { Encryption, KUBECTL_IMAGE, TOOLS_IMAGE } from '../config';
import type { ApiAccess, ObjectDefaults } from '../k8s';
import { API_SCRIPTS, argoAnnotations, labelsFor, RunSteps, SyncWave } from '../k8s';
import type { RecoveryPlan, SnapshotDrillPlan, VolumePlan } from '../plan';
import { planRecovery } from '../plan';
import { addDrillJob } from './drill-job';
import { podTemplate, RESTORED } from './snapshot-pod';

const TEMPLATE_PATH = '/template';

/** Scripts of the drill, beside those of every drill. */
export const SNAPSHOT_DRILL_SCRIPTS: readonly string[] = [
  'drill-pod.sh',
  'newest.jq',
  'pod.jq',
  'read-volume.sh',
  'rehearse-snapshots.sh',
].map((name) => join(__dirname, 'scripts', name));

/** Volumes and how the restore of their snapshots is rehearsed, for use in a chart of your own. */
export interface SnapshotDrillProps {
  /** Name of the site, part of labels. */
  readonly site: string;
  /** Namespace of the claims, unless the volumes name another. */
  readonly namespace: string;
  /** The volumes, as they are protected elsewhere. */
  readonly volume: VolumeConfig;
  /** Where reports are stored. */
  readonly storage: ObjectStorage;
  /**
   * The rehearsal.
   * @default - monthly, every byte is read
   */
  readonly drill?: SnapshotDrillConfig;
  /**
   * Images of the job steps.
   * @default - the tested images
   */
  readonly images?: ImagesConfig;
  /**
   * What Argo CD may do.
   * @default - annotated for Argo CD
   */
  readonly gitOps?: GitOpsConfig;
  /**
   * How jobs reach their peers.
   * @default - cluster DNS in kube-system, the store on TCP 443 anywhere, the API server on TCP 443 and 6443
   */
  readonly network?: NetworkConfig;
  /**
   * Where it tells what it found; a `Monitoring` construct generates what hears it.
   * @default - it stores its report, and tells nobody
   */
  readonly monitoring?: MonitoringConfig;
  /**
   * Inputs of the estimates.
   * @default - see `lib/config/defaults.ts`
   */
  readonly assumptions?: AssumptionsConfig;
}

/**
 * A CronJob that restores the newest snapshot of every claim into a volume of a pod that reads it, and stores a report with the measured
 * time. Throws `DisasterRecoveryError` when the config has problems or its objective cannot be met.
 */
export class SnapshotDrill extends Construct {
  /** What was planned: losses, estimates, findings, and what must exist in the cluster. */
  public readonly plan: RecoveryPlan;

  public constructor(scope: Construct, id: string, props: SnapshotDrillProps) {
    super(scope, id);
    const { volume, drill, ...site } = props;
    const drills = { snapshots: drill ?? {} };
    this.plan = planRecovery({ ...site, encryption: Encryption.none(), volumes: [volume], drills });
    for (const planned of this.plan.drills.snapshots) {
      renderSnapshotDrill(this, this.plan, planned);
    }
  }
}

/** Adds every object of a planned drill of snapshots to a scope. */
export function renderSnapshotDrill(scope: Construct, site: RecoveryPlan, plan: SnapshotDrillPlan): void {
  const volume = site.volumes.find(({ name, namespace }) => name === plan.volumes && namespace === plan.namespace);
  if (volume === undefined) {
    throw new Error(`the plan restores snapshots of ${plan.asset}, which are not protected`);
  }
  const defaults: ObjectDefaults = { site: site.site, namespace: plan.namespace, argoCd: site.argoCd };
  const templateName = `${plan.jobName}-template`;
  const scriptsName = `${plan.jobName}-scripts`;
  const template = podTemplate(defaults, plan, site.toolsImage, scriptsName);
  addDrillJob(scope, {
    site,
    plan,
    scripts: [...API_SCRIPTS, ...SNAPSHOT_DRILL_SCRIPTS],
    shared: new RunSteps({ ...site, toolsImage: { ...TOOLS_IMAGE, image: site.toolsImage } }),
    configMaps: [
      {
        id: 'Template',
        name: templateName,
        component: 'drill',
        data: { 'pod.json': `${JSON.stringify(template, undefined, 2)}\n` },
      },
    ],
    steps: [
      {
        name: 'restore',
        image: { ...KUBECTL_IMAGE, image: site.kubectlImage },
        script: 'rehearse-snapshots.sh',
        environment: [
          { name: 'NAMESPACE', value: plan.namespace },
          { name: 'LABELS', value: selectorOf(volume) },
          { name: 'CLAIMS', value: volume.claims.join(' ') },
          { name: 'POD_NAME', value: plan.podName },
          { name: 'POD_TEMPLATE', value: `${TEMPLATE_PATH}/pod.json` },
        ],
        podFields: {
          JOB_NAME: "metadata.labels['batch.kubernetes.io/job-name']",
          JOB_UID: "metadata.labels['batch.kubernetes.io/controller-uid']",
        },
        files: [],
        resources: { cpuRequest: '50m', cpuLimit: '1', memoryRequest: '64Mi', memoryLimit: '256Mi' },
        configMaps: { [TEMPLATE_PATH]: templateName },
        apiToken: true,
      },
    ],
    job: { ownsObjects: true, apiAccess: accessOf(volume, plan) },
  });
  if (site.network.policies) {
    denyAll(scope, defaults, plan.podName);
  }
}

/** It may touch no claim, and no pod but its own: the restored volume comes and goes with that pod. */
function accessOf({ claims }: VolumePlan, { namespace, podName }: SnapshotDrillPlan): ApiAccess {
  const restored = `${podName}-${RESTORED}`;
  return {
    namespaces: [namespace],
    rules: [
      { apiGroups: ['snapshot.storage.k8s.io'], resources: ['volumesnapshots'], verbs: ['list'] },
      {
        apiGroups: [''],
        resources: ['persistentvolumeclaims'],
        verbs: ['get'],
        ...(claims.length === 0 ? {} : { resourceNames: [...claims, restored] }),
      },
      { apiGroups: [''], resources: ['pods'], verbs: ['create'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['get', 'delete'], resourceNames: [podName] },
    ],
  };
}

/** A pod that reads a volume needs no network. */
function denyAll(scope: Construct, defaults: ObjectDefaults, name: string): void {
  new k8s.KubeNetworkPolicy(scope, 'PodNetwork', {
    metadata: {
      name,
      namespace: defaults.namespace,
      labels: labelsFor(defaults, name, 'drill'),
      annotations: argoAnnotations(defaults, SyncWave.PREREQUISITE),
    },
    spec: {
      podSelector: { matchLabels: { 'app.kubernetes.io/managed-by': 'cdk8s-dr', 'app.kubernetes.io/name': name } },
      policyTypes: ['Ingress', 'Egress'],
    },
  });
}

function selectorOf({ labels }: VolumePlan): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}
