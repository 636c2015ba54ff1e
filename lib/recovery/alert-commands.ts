/** The page that most alerts lead to. */
export const BAD_BACKUP = 'Bad backup';

/** Shows the runs of a job, and why the newest ended. */
export function runsOf(namespace: string, jobName: string): string {
  const selector = `-n ${namespace} -l app.kubernetes.io/name=${jobName}`;
  return `kubectl get jobs ${selector}\nkubectl logs ${selector} --all-containers --prefix --tail=20`;
}
