import { formatBytes, formatSeconds, SealMethod } from '../config';
import type { RecoveryPlan } from '../plan';
import { allDrills } from '../plan';
import { linkTo } from './markdown';
import type { Procedures } from './procedures';

const DAY = 86400;

/** Longest time between two automated tests that the specification allows: a month. */
const MONTH = 31 * DAY;

/** The longest quarter, July to September. */
const QUARTER = 92 * DAY;

/** How an item of the checklist is answered. */
export enum Answer {
  /** By manifests, alerts or findings. */
  MET = 'met',
  /** By people, at intervals. */
  HUMAN = 'people',
  /** Not yet; a setting would answer it. */
  NOT_MET = 'NOT MET',
}

/** One item of the checklist with its answer. */
export interface ChecklistItem {
  /** The item in the words of the specification. */
  readonly item: string;
  readonly answer: Answer;
  /** What answers it, or would. */
  readonly by: string;
  /** Days between two times that people do it. */
  readonly everyDays?: number;
  /** Path of the setting that would meet it. */
  readonly setting?: string;
}

/** The checklist of a plan: ten items, in the order of the specification (section 10). */
export function checklistOf(plan: RecoveryPlan, procedures: Procedures): ChecklistItem[] {
  return [
    objectivesValidated(plan, procedures),
    sizeMonitored(plan),
    testsAutomated(plan),
    {
      item: 'Restore procedures documented',
      answer: Answer.MET,
      by: `ConfigMap \`${plan.runbook.namespace}/${plan.runbook.name}\`, made from the same plan as the manifests; ConfigMap \`${plan.runbook.planName}\` beside it holds the plan itself`,
    },
    {
      item: 'Team trained on recovery',
      answer: Answer.HUMAN,
      by: 'everybody on call recovers a database and a volume beside the live ones, with this runbook alone (`runbook.trainingInterval`)',
      everyDays: plan.runbook.trainingDays,
    },
    replicated(plan),
    encryption(plan),
    integrityVerified(plan),
    recoveryPointValidated(plan),
    failoverTested(plan, procedures),
  ];
}

function objectivesValidated(plan: RecoveryPlan, { databases }: Procedures): ChecklistItem {
  const measure = databases
    .slice(0, 1)
    .map(
      ({ lostRows }) =>
        `time the first step of ${linkTo(lostRows.title)}, do its last one, and give the time to the config as \`measuredRestore\``,
    );
  return {
    item: 'RTO/RPO validated monthly',
    answer: Answer.HUMAN,
    by: [
      'every synthesis refuses objectives that the plan does not meet (findings `rpo-unmet`, `rto-unmet`); restore times are assumed until somebody measures them',
      ...measure,
    ].join(': '),
    everyDays: plan.runbook.validationDays,
  };
}

function sizeMonitored({ monitoring }: RecoveryPlan): ChecklistItem {
  const item = 'Backup size monitored (alert if >1TB)';
  return monitoring === undefined
    ? { item, answer: Answer.NOT_MET, by: 'nothing watches the size of backups', setting: 'monitoring' }
    : {
        item,
        answer: Answer.MET,
        by: `alert \`BackupTooLarge\` above ${formatBytes(monitoring.largestBackupBytes)}, alert \`BackupSizeAnomaly\``,
      };
}

function testsAutomated(plan: RecoveryPlan): ChecklistItem {
  const item = 'Backup tests automated (monthly)';
  const rare = plan.databases.findIndex(
    ({ dumps }) => dumps === undefined || dumps.verification.run.longestGap > MONTH,
  );
  if (plan.databases.length === 0 || rare >= 0) {
    const setting = plan.databases.length === 0 ? 'databases' : `databases[${rare}].dumps.verification`;
    return { item, answer: Answer.NOT_MET, by: 'no job restores backups of every database at least monthly', setting };
  }
  return {
    item,
    answer: Answer.MET,
    by: [verifications(plan, 'restores the newest dump in full'), ...rehearsals(plan)].join('; '),
  };
}

function replicated({ replication }: RecoveryPlan): ChecklistItem {
  const item = 'Off-site backup replication enabled';
  if (replication === undefined) {
    return { item, answer: Answer.NOT_MET, by: 'every backup lies in one store', setting: 'replication' };
  }
  const { namespace, jobName, targetName, run, lag } = replication;
  return {
    item,
    answer: Answer.MET,
    by: `CronJob \`${namespace}/${jobName}\` copies what is committed to \`${targetName}\`, ${run.description}, at worst ${formatSeconds(lag)} behind`,
  };
}

function encryption(plan: RecoveryPlan): ChecklistItem {
  const { method, passphraseSecret, recipientKeys } = plan.encryption;
  const item = 'Backup encryption enabled';
  if (method === SealMethod.NONE) {
    return { item, answer: Answer.NOT_MET, by: 'jobs store what they capture in clear', setting: 'encryption' };
  }
  const secret = passphraseSecret ?? recipientKeys?.publicKey;
  const archives =
    plan.databases.length === 0 ? '' : '; WAL, base backups and volume snapshots are encrypted by the provider only';
  return {
    item,
    answer: Answer.MET,
    by: `jobs seal with AES-256 before they ship, by \`${secret?.key ?? ''}\` of Secret \`${secret?.secretName ?? ''}\`${archives}`,
  };
}

function integrityVerified(plan: RecoveryPlan): ChecklistItem {
  const item = 'Backup integrity verified';
  const unverified = plan.databases.findIndex(
    ({ dumps }) => dumps === undefined || !dumps.verification.corruptionCheck,
  );
  if (unverified >= 0) {
    return {
      item,
      answer: Answer.NOT_MET,
      by: 'a database is not examined for corruption',
      setting: `databases[${unverified}].dumps.verification.corruptionCheck`,
    };
  }
  const etcd =
    plan.etcd === undefined
      ? []
      : [`CronJob \`${plan.etcd.namespace}/${plan.etcd.jobName}\` restores every snapshot of etcd before it ships it`];
  return {
    item,
    answer: Answer.MET,
    by: [
      'every run reads back what it stored, and its commit marker has the checksum of every file',
      ...(plan.databases.length === 0 ? [] : [verifications(plan, 'examines every table and index with pg_amcheck')]),
      ...etcd,
    ].join('; '),
  };
}

function recoveryPointValidated(plan: RecoveryPlan): ChecklistItem {
  const item = 'Recovery point validated';
  const unchecked = plan.databases.findIndex(
    ({ dumps }) => !(dumps?.verification.checks ?? []).some(({ name }) => name.startsWith('fresh-')),
  );
  if (plan.databases.length === 0 || unchecked >= 0) {
    const setting = plan.databases.length === 0 ? 'databases' : `databases[${unchecked}].dumps.verification.checks`;
    return {
      item,
      answer: Answer.NOT_MET,
      by: 'no check compares the newest restored row with the time of the backup',
      setting,
    };
  }
  const alert =
    plan.monitoring === undefined ? '' : '; alerts `BackupNotRunning` and `WalArchivingFailing` say when it is missed';
  return {
    item,
    answer: Answer.MET,
    by: `${verifications(plan, 'fails when the newest row or the newest run is older than planned')}${alert}`,
  };
}

function failoverTested(plan: RecoveryPlan, procedures: Procedures): ChecklistItem {
  const item = 'Failover tested quarterly';
  const { databases, drills } = plan;
  const tested = drills.failovers.filter(({ run }) => run.longestGap <= QUARTER);
  const all = databases.every(({ name, namespace }) =>
    tested.some((drill) => drill.database === name && drill.namespace === namespace),
  );
  if (databases.length === 0 || !all) {
    return { item, answer: Answer.HUMAN, by: failover(plan, procedures), everyDays: plan.runbook.failoverDays };
  }
  const by = tested.map(
    ({ namespace, jobName, run, limit }) =>
      `CronJob \`${namespace}/${jobName}\` stops the primary and fails when nothing can be written for ${formatSeconds(limit)}, ${run.description}`,
  );
  return { item, answer: Answer.MET, by: by.join('; ') };
}

function failover(plan: RecoveryPlan, { databases }: Procedures): string {
  const promote = plan.databases
    .map(({ name, namespace }) => `delete the primary pod of \`${namespace}/${name}\`, and see how long writes stop`)
    .join('; ');
  const recover = databases.map(({ beside }) => linkTo(beside.at(-1)?.title ?? '')).join('; ');
  return databases.length === 0
    ? 'set up a new cluster, and follow [Lost cluster](#lost-cluster) (`runbook.failoverInterval`)'
    : `${promote}; then ${recover} (\`runbook.failoverInterval\`)`;
}

function verifications({ databases }: RecoveryPlan, does: string): string {
  return databases
    .flatMap(({ namespace, dumps }) =>
      dumps === undefined
        ? []
        : [`CronJob \`${namespace}/${dumps.verification.jobName}\` ${does}, ${dumps.verification.run.description}`],
    )
    .join('; ');
}

/** What restores on a schedule to measure and to report, beside the verification. */
function rehearsals({ drills }: RecoveryPlan): string[] {
  return allDrills(drills).map(
    ({ namespace, jobName, title, asset, run }) =>
      `CronJob \`${namespace}/${jobName}\` measures and reports the ${title.toLowerCase()} of ${asset}, ${run.description}`,
  );
}

/** The checklist as Markdown. */
export function checklistLines(items: readonly ChecklistItem[]): string[] {
  return items.map(({ item, answer, by, everyDays, setting }) => {
    const due = everyDays === undefined ? '' : `, due every ${formatSeconds(everyDays * DAY)}`;
    const fix = setting === undefined ? '' : `: set \`${setting}\``;
    return `- [${answer === Answer.MET ? 'x' : ' '}] **${item}** (${answer}${due}${fix}). ${capitalize(by)}.`;
  });
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
