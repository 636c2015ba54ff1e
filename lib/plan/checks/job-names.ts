import type { Finding } from '../finding';
import { Severity } from '../finding';

/** A CronJob, and the setting that asks for it. */
export interface NamedJob {
  readonly namespace: string;
  readonly cronJob: string;
  readonly path: string;
}

/** Of two objects with one name only one is ever applied: either no backup is made, or nobody looks whether it is good. */
export function checkJobNames(watching: readonly NamedJob[], others: readonly NamedJob[]): Finding[] {
  return watching.flatMap(({ namespace, cronJob, path }, index) =>
    [...others, ...watching.slice(0, index)]
      .filter((other) => other.namespace === namespace && other.cronJob === cronJob)
      .map((other) => ({
        rule: 'job-name-shared',
        severity: Severity.ERROR,
        asset: `CronJob ${namespace}/${cronJob}`,
        path,
        actual: cronJob,
        limit: 'a name of its own',
        message: `is also the CronJob name that ${other.path} leads to`,
        fix: 'give one of both another jobName, or another name to what it is called after',
      })),
  );
}
