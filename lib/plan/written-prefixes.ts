import { formatSeconds } from '../config';
import type { ArchiveFolder } from './archive-folder';
import { archiveFolder } from './archive-folder';
import type { DrillPlan } from './drill-plan';
import type { EtcdPlan, EtcdStreamPlan } from './etcd-plan';
import type { WrittenPrefix } from './lifecycle-plan';
import { Remover } from './lifecycle-plan';
import type { ArchivePlan, ConfigurationPlan, DatabasePlan, DumpPlan, DumpTierPlan, PrunePlan } from './recovery-plan';
import type { VolumePlan } from './volume-plan';

const DAY = 86400;

/** All reports lie below it, so that one rule covers those of every family. */
export const REPORTS_PREFIX = 'reports/';

/** The commit marker of a run. */
const RUN_MARKER = 'backup.json';

/** Barman's description of a base backup, stored with status DONE last (barman `CloudBackup._coordinate_backup`). */
const BARMAN_MARKER = 'backup.info';

/** Everything that is planned and writes to the store. */
export interface Writers {
  readonly databases: readonly DatabasePlan[];
  readonly volumes: readonly VolumePlan[];
  /**
   * etcd's snapshots.
   * @default - none configured
   */
  readonly etcd?: EtcdPlan;
  /**
   * The export of cluster objects.
   * @default - none configured
   */
  readonly configuration?: ConfigurationPlan;
  /** Rehearsed restores. */
  readonly drills: readonly DrillPlan[];
  /** Seconds that reports stay. */
  readonly reportsFor: number;
}

/**
 * Every key prefix that a job or Barman writes, with who removes what and when. A family that writes to the store adds its prefixes here;
 * rules, checks and documentation follow from this list alone.
 */
export function writtenPrefixes(writers: Writers): WrittenPrefix[] {
  return [
    ...writers.databases.flatMap((database, index) => databasePrefixes(database, `databases[${index}]`)),
    ...writers.volumes.map((volume, index) => recordsPrefix(volume, `volumes[${index}]`)),
    ...(writers.etcd === undefined ? [] : etcdPrefixes(writers.etcd)),
    ...(writers.configuration === undefined ? [] : [configurationPrefix(writers.configuration)]),
    ...reportPrefixes(writers),
  ];
}

function databasePrefixes(database: DatabasePlan, path: string): WrittenPrefix[] {
  const { dumps } = database;
  return [
    ...(dumps?.tiers ?? []).map((tier) => tierPrefix(database, dumps as DumpPlan, tier, path)),
    ...archivePrefixes(database, path),
  ];
}

function tierPrefix(database: DatabasePlan, dumps: DumpPlan, tier: DumpTierPlan, path: string): WrittenPrefix {
  return {
    asset: `database ${database.name}`,
    content: `dumps of tier ${tier.name}`,
    protection: `dump ${tier.name}`,
    path: `${path}.dumps.tiers[${tier.index}].retention`,
    selfContained: true,
    newestOnly: false,
    bytes: database.sizeBytes,
    ...pruned(tier, dumps.prune),
  };
}

/** Snapshots lie with the provider; their records, from which another cluster imports them, in the store. */
function recordsPrefix(volume: VolumePlan, path: string): WrittenPrefix {
  return {
    asset: `volumes ${volume.name}`,
    content: 'records of snapshots',
    protection: 'volume snapshots',
    path: `${path}.retention`,
    selfContained: false,
    newestOnly: false,
    bytes: 0,
    ...pruned(volume, volume.prune),
  };
}

function etcdPrefixes(etcd: EtcdPlan): WrittenPrefix[] {
  const { stream } = etcd;
  const snapshots: WrittenPrefix = {
    asset: 'etcd',
    content: 'scheduled snapshots',
    protection: 'etcd snapshots',
    path: 'etcd.retention',
    selfContained: true,
    newestOnly: false,
    bytes: etcd.sizeBytes,
    ...pruned(etcd, etcd.prune),
  };
  return stream === undefined ? [snapshots] : [snapshots, streamPrefix(stream, etcd)];
}

/** A stream has no runs; its pod takes one snapshot after the other. */
function streamPrefix(stream: EtcdStreamPlan, { run, prune, sizeBytes }: EtcdPlan): WrittenPrefix {
  return {
    asset: 'etcd',
    content: 'snapshots of the stream',
    protection: 'etcd snapshot stream',
    path: 'etcd.objective.rpo',
    selfContained: true,
    newestOnly: true,
    bytes: sizeBytes,
    ...pruned(
      {
        ...stream,
        run: {
          ...run,
          longestGap: stream.period,
          shortestGap: stream.period,
          startDelay: 0,
          deadline: stream.stepDeadline,
        },
      },
      prune,
    ),
  };
}

function configurationPrefix(configuration: ConfigurationPlan): WrittenPrefix {
  return {
    asset: 'configuration',
    content: 'exports of cluster objects',
    protection: 'export of cluster objects',
    path: 'configuration.retention',
    selfContained: true,
    newestOnly: false,
    bytes: 0,
    ...pruned(configuration, configuration.prune),
  };
}

/** What a prune job removes once it has expired, but never the newest copies. */
function pruned(
  { prefix, run, keepSeconds, keepAtLeast }: Pick<DumpTierPlan, 'prefix' | 'run' | 'keepSeconds' | 'keepAtLeast'>,
  prune: PrunePlan,
): Omit<WrittenPrefix, 'asset' | 'content' | 'protection' | 'path' | 'selfContained' | 'newestOnly' | 'bytes'> {
  return {
    prefix: `${prefix}/`,
    rulePrefix: `${prefix}/`,
    marker: RUN_MARKER,
    interval: run.shortestGap,
    remover: Remover.JOB,
    removedBy: `CronJob ${prune.jobName}`,
    retention: keepSeconds,
    // A copy leaves the newest n when the n-th run after it has committed.
    floor: (keepAtLeast + run.toleratedFailedRuns) * run.longestGap + run.startDelay + run.deadline,
    keepAtLeast,
    removalDelay: prune.run.worstCaseLoss,
    expiresByAge: true,
    longestUpload: run.deadline,
  };
}

/** Of every generation that has archived. */
function archivePrefixes(database: DatabasePlan, path: string): WrittenPrefix[] {
  const { archive } = database;
  const earlier = archive.earlierServerNames.map((name) => ({ name, current: false }));
  return [...earlier, { name: archive.serverName, current: true }].flatMap(({ name, current }) =>
    (['base', 'wals'] as const).map((folder) => archivePrefix(database, name, current, folder, path)),
  );
}

function archivePrefix(
  database: DatabasePlan,
  serverName: string,
  current: boolean,
  folder: ArchiveFolder,
  path: string,
): WrittenPrefix {
  const { archive } = database;
  const rulePrefix = `${database.path}/${serverName}/`;
  const content = folder === 'base' ? 'base backups' : 'WAL';
  return {
    prefix: `${archiveFolder(database.path, serverName, folder)}/`,
    rulePrefix,
    asset: `database ${database.name}`,
    content: current ? content : `${content} of the earlier generation ${serverName}`,
    protection: 'WAL archive + base backup',
    path: `${path}.baseBackups.retentionDays`,
    selfContained: true,
    newestOnly: false,
    ...(folder === 'base' ? baseBackupsOf(database, current) : walOf(archive, current)),
    remover: current ? Remover.BARMAN : Remover.NOBODY,
    removedBy: current ? `Barman, ObjectStore ${archive.objectStoreName}` : 'nobody',
    retention: archive.retentionDays * DAY,
    floor: 0,
    keepAtLeast: 1,
    removalDelay: windowOverhang(archive),
    expiresByAge: false,
    longestUpload: archive.baseBackups.deadline,
  };
}

/** Nothing is added to an earlier generation any more. */
function baseBackupsOf(
  { sizeBytes, archive }: DatabasePlan,
  current: boolean,
): Pick<WrittenPrefix, 'marker' | 'bytes' | 'interval'> {
  return { marker: BARMAN_MARKER, bytes: current ? sizeBytes : 0, interval: archive.baseBackups.shortestGap };
}

function walOf(
  { changeRate, archiveTimeout }: ArchivePlan,
  current: boolean,
): Pick<WrittenPrefix, 'marker' | 'bytes' | 'interval'> {
  return { marker: '', bytes: current ? Math.ceil(changeRate * archiveTimeout) : 0, interval: archiveTimeout };
}

/** Barman keeps the newest base backup before the window, and the WAL since then. */
function windowOverhang({ baseBackups }: ArchivePlan): number {
  return baseBackups.worstCaseLoss;
}

function reportPrefixes({ databases, drills, reportsFor }: Writers): WrittenPrefix[] {
  const verifications = databases.flatMap(({ name, dumps }) =>
    dumps === undefined ? [] : [{ asset: `database ${name}`, content: 'verification reports', ...dumps.verification }],
  );
  const rehearsals = drills.map((drill) => ({ ...drill, content: `reports of drill ${drill.kind}` }));
  return [...verifications, ...rehearsals].map(({ asset, content, reportPrefix, run }) => ({
    prefix: `${reportPrefix}/`,
    rulePrefix: REPORTS_PREFIX,
    asset,
    content,
    path: 'lifecycle.reportsFor',
    marker: '',
    selfContained: false,
    newestOnly: false,
    bytes: 0,
    interval: run.shortestGap,
    remover: Remover.RULE,
    removedBy: 'the lifecycle rule only',
    retention: reportsFor,
    floor: 0,
    keepAtLeast: 0,
    removalDelay: 0,
    expiresByAge: true,
    longestUpload: run.deadline,
  }));
}

/** The age, in seconds, up to which no rule may delete what lies below a prefix. */
export function neededFor({ retention, floor }: WrittenPrefix): number {
  return Math.max(retention, floor);
}

/** A written prefix as one line for people. */
export function describeRetention(written: WrittenPrefix): string {
  const { remover, removedBy, retention, keepAtLeast } = written;
  switch (remover) {
    case Remover.JOB:
      return `${removedBy} removes them after ${formatSeconds(retention)} and keeps the newest ${keepAtLeast} whatever their age`;
    case Remover.BARMAN:
      return `${removedBy}, removes them when no point in the last ${formatSeconds(retention)} needs them`;
    case Remover.NOBODY:
      return `nobody removes them: delete the folder by hand once the next generation has a base backup older than ${formatSeconds(retention)}`;
    case Remover.RULE:
      return `only this rule removes them, after ${formatSeconds(retention)}`;
  }
}
