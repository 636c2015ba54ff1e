import type { DisasterRecoveryConfig } from '../../lib';
import { find, objectsIn, render } from '../support/render';
import type { Manifest } from '../support/schema';

/** What a pod's own file system holds; steps of tests have folders of their own. */
const OF_THE_POD = ['HOME', 'WORK_DIR', 'RCLONE_CONFIG'];

/** The environment of every step of a config's jobs, as its manifests give it. */
export class StepEnvironments {
  private readonly objects: Manifest[];

  /** Values of Secrets by their key. */
  public constructor(
    config: DisasterRecoveryConfig,
    private readonly secrets: Readonly<Record<string, string>>,
  ) {
    this.objects = objectsIn(render(config));
  }

  /** The environment of one step, without what names places in the pod. */
  public of(cronJob: string, step: string): Record<string, string> {
    const { spec } = find(this.objects, 'CronJob', cronJob) as unknown as { spec: CronJobSpec };
    const { initContainers = [], containers } = spec.jobTemplate.spec.template.spec;
    const found = [...initContainers, ...containers].find(({ name }) => name === step);
    if (found === undefined) {
      throw new Error(`CronJob ${cronJob} has no step ${step}`);
    }
    return Object.fromEntries(
      found.env
        .filter(({ name }) => !OF_THE_POD.includes(name))
        .map(({ name, value, valueFrom }) => [name, value ?? this.secret(valueFrom?.secretKeyRef?.key ?? '')]),
    );
  }

  private secret(key: string): string {
    const value = this.secrets[key];
    if (value === undefined) {
      throw new Error(`the manifests ask for key ${key} of a Secret, for which the test has no value`);
    }
    return value;
  }
}

interface CronJobSpec {
  readonly jobTemplate: {
    readonly spec: {
      readonly template: { readonly spec: { readonly initContainers?: Step[]; readonly containers: Step[] } };
    };
  };
}

interface Step {
  readonly name: string;
  readonly env: {
    readonly name: string;
    readonly value?: string;
    readonly valueFrom?: { readonly secretKeyRef?: { readonly key: string } };
  }[];
}
