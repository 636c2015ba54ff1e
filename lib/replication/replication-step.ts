import { join } from 'node:path';
import { TOOLS_IMAGE } from '../config';
import type { Step } from '../k8s';
import { BACKUP_SCRIPTS, RunSteps, replicationReport } from '../k8s';
import type { RecoveryPlan, ReplicationPlan } from '../plan';
import type { EnvironmentVariable } from '../storage';
import { dialectOf, Remote } from '../storage';

/** Folders or objects per call of rclone: enough that starting it costs little, few enough that a killed run loses little. */
const BATCH = 50;

/** Bytes that a killed run copies again at most, beside the one object that it was at. */
const BATCH_BYTES = 1024 ** 3;

/** Seconds after the beginning of a base backup by which the WAL that it needs is archived, or never will be: backups and retries take hours. */
const WAL_WITHIN = 86_400;

/**
 * Through the pod, not from store to store: there one account would read from the other, which firewalls and private endpoints refuse
 * (rclone issue 8694, `CannotVerifyCopySource`), and which nothing slows down to the bandwidth that is given.
 */
const THROUGH_THE_POD: EnvironmentVariable = { name: 'RCLONE_DISABLE', value: 'copy' };

/** Every script that the job runs or sources. */
export const REPLICATION_SCRIPTS: readonly string[] = [
  ...BACKUP_SCRIPTS.filter((path) => /\/(common|push|store)\.sh$/.test(path)),
  ...['markers.sh', 'replicate-folders.sh', 'replicate-objects.sh', 'replicate.sh', 'transfer.sh'].map((name) =>
    join(__dirname, 'scripts', name),
  ),
];

/** The step that copies: the only one that has the credentials of both stores. */
export function replicationStep(site: RecoveryPlan, plan: ReplicationPlan): Step {
  const { rcloneEnvironment, rcloneFiles, rcloneRoot } = dialectOf(plan.target, Remote.TARGET);
  const shared = new RunSteps({ ...site, toolsImage: TOOLS_IMAGE });
  const step = shared.storeStep('replicate', 'replicate.sh', [
    { name: 'TARGET', value: rcloneRoot },
    { name: 'PREFIXES', value: plan.prefixes.map(({ prefix, marker }) => `${prefix}=${marker}`).join(' ') },
    { name: 'BATCH', value: String(BATCH) },
    { name: 'BATCH_BYTES', value: String(BATCH_BYTES) },
    { name: 'WAL_SECONDS', value: String(WAL_WITHIN) },
    THROUGH_THE_POD,
    ...bandwidth(plan),
    ...replicationReport(site, plan),
  ]);
  return {
    ...step,
    environment: [...step.environment, ...rcloneEnvironment],
    files: [...step.files, ...rcloneFiles],
  };
}

function bandwidth({ bandwidth: bytes }: ReplicationPlan): EnvironmentVariable[] {
  return bytes === undefined ? [] : [{ name: 'RCLONE_BWLIMIT', value: `${bytes}B` }];
}
