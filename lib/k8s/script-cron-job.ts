import { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import type { ScheduledRun } from '../plan';
import type { JobPodProps } from './job-pod';
import { jobPod } from './job-pod';
import type { ObjectDefaults } from './metadata';
import { argoAnnotations, labelsFor, SyncWave } from './metadata';

/** A retry is a new pod and a new run; a failed pod stays, with its log. */
const RETRIES = 1;

/** An ephemeral volume lives as long as its pod, so finished pods that have one are not kept for ever: half a day, in seconds. */
const KEEP_FINISHED = 12 * 3600;

/** A scheduled job whose steps run one after another in one pod. */
export interface ScriptCronJobProps extends JobPodProps {
  readonly defaults: ObjectDefaults;
  /** Name of the CronJob. */
  readonly name: string;
  /** Component label. */
  readonly component: string;
  /** When it runs, and its deadlines. */
  readonly run: ScheduledRun;
  /**
   * Pods that are started again after one failed.
   * @default 1
   */
  readonly retries?: number;
  /**
   * Whether it makes objects that it owns: they are gone when it is, so it does not stay for ever.
   * @default false
   */
  readonly ownsObjects?: boolean;
  /** Labels that pods need to reach the store. */
  readonly podLabels: Record<string, string>;
}

/** The one shape of every job: hardened, bounded in time and space, never overlapping. */
export class ScriptCronJob extends Construct {
  public constructor(scope: Construct, id: string, props: ScriptCronJobProps) {
    super(scope, id);
    const { defaults, run } = props;
    const labels = labelsFor(defaults, props.name, props.component);
    const manifest = k8s.KubeCronJob.manifest({
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
            backoffLimit: props.retries ?? RETRIES,
            ...(props.workspaceStorageClass === undefined && props.ownsObjects !== true
              ? {}
              : { ttlSecondsAfterFinished: KEEP_FINISHED }),
            template: { metadata: { labels: { ...labels, ...props.podLabels } }, spec: jobPod(props) },
          },
        },
      },
    });
    const { initContainers = [] } = manifest.spec.jobTemplate.spec.template.spec;
    for (const container of initContainers) {
      if (props.steps.find(({ name }) => name === container.name)?.sidecar) {
        // A restarted init container runs beside those after it (Kubernetes 1.29 and later); the types of cdk8s-plus-27 are older than that.
        container.restartPolicy = 'Always';
      }
    }
    new ApiObject(this, 'Resource', manifest);
  }
}
