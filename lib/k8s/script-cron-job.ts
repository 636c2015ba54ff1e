import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { quantityOf } from '../config';
import type { ScheduledRun } from '../plan';
import type { ObjectDefaults } from './metadata';
import { argoAnnotations, labelsFor, SyncWave } from './metadata';
import type { Step } from './step';
import { renderStep, stepVolumes } from './step';

/** A retry is a new pod and a new run; a failed pod stays, with its log. */
const RETRIES = 1;

/** An ephemeral volume lives as long as its pod, so finished pods that have one are not kept for ever: half a day, in seconds. */
const KEEP_FINISHED = 12 * 3600;

/** A scheduled job whose steps run one after another in one pod. */
export interface ScriptCronJobProps {
  readonly defaults: ObjectDefaults;
  /** Name of the CronJob. */
  readonly name: string;
  /** Component label. */
  readonly component: string;
  /** When it runs, and its deadlines. */
  readonly run: ScheduledRun;
  /** Name of the ServiceAccount. */
  readonly serviceAccountName: string;
  /** ConfigMap with the scripts. */
  readonly scriptsName: string;
  /** Steps in order; the last is the pod's container, the others its init containers. */
  readonly steps: Step[];
  /** Numeric user and group of all steps, so that each can read what another wrote. */
  readonly uid: number;
  /** Bytes of the workspace. */
  readonly workspaceBytes: number;
  /** StorageClass of an ephemeral workspace volume; the node's disk otherwise. */
  readonly workspaceStorageClass?: string;
  /** Labels that pods need to reach the store. */
  readonly podLabels: Record<string, string>;
}

/** The one shape of every job: hardened, bounded in time and space, never overlapping. */
export class ScriptCronJob extends Construct {
  public constructor(scope: Construct, id: string, props: ScriptCronJobProps) {
    super(scope, id);
    const { defaults, run } = props;
    const labels = labelsFor(defaults, props.name, props.component);
    new k8s.KubeCronJob(this, 'Resource', {
      metadata: {
        name: props.name,
        namespace: defaults.namespace,
        labels,
        annotations: argoAnnotations(defaults, SyncWave.JOB),
      },
      spec: {
        schedule: run.cron,
        timeZone: run.timeZone,
        concurrencyPolicy: 'Forbid',
        startingDeadlineSeconds: run.startDelay,
        successfulJobsHistoryLimit: 1,
        failedJobsHistoryLimit: 3,
        jobTemplate: {
          metadata: { labels },
          spec: {
            activeDeadlineSeconds: run.deadline,
            backoffLimit: RETRIES,
            ...(props.workspaceStorageClass === undefined ? {} : { ttlSecondsAfterFinished: KEEP_FINISHED }),
            template: { metadata: { labels: { ...labels, ...props.podLabels } }, spec: podSpec(props) },
          },
        },
      },
    });
  }
}

function podSpec(props: ScriptCronJobProps): k8s.PodSpec {
  const onNode = props.workspaceStorageClass === undefined;
  const containers = props.steps.map((step) => renderStep(step, onNode ? props.workspaceBytes : 0));
  return {
    restartPolicy: 'Never',
    serviceAccountName: props.serviceAccountName,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: props.uid,
      runAsGroup: props.uid,
      fsGroup: props.uid,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    ...(containers.length === 1 ? {} : { initContainers: containers.slice(0, -1) }),
    containers: containers.slice(-1),
    volumes: [
      { name: 'scripts', configMap: { name: props.scriptsName, defaultMode: 0o555 } },
      { name: 'tmp', emptyDir: { sizeLimit: k8s.Quantity.fromString('64Mi') } },
      { name: 'work', ...workspace(props) },
      ...stepVolumes(props.steps),
    ],
  };
}

function workspace(props: ScriptCronJobProps): Pick<k8s.Volume, 'emptyDir' | 'ephemeral'> {
  const size = k8s.Quantity.fromString(quantityOf(props.workspaceBytes));
  if (props.workspaceStorageClass === undefined) {
    return { emptyDir: { sizeLimit: size } };
  }
  return {
    ephemeral: {
      volumeClaimTemplate: {
        spec: {
          accessModes: ['ReadWriteOnce'],
          storageClassName: props.workspaceStorageClass,
          resources: { requests: { storage: size } },
        },
      },
    },
  };
}
