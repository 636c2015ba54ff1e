import type { Metric, MonitoringPlan, RecoveryPlan } from '../../plan';
import {
  ALERTS,
  CLUSTER_LABEL,
  DATABASE_METRICS,
  DRILL_METRICS,
  RECORDED_METRICS,
  RUN_METRICS,
  STORE_METRICS,
} from '../../plan';
import type { ColorStep, Panel, ValueName } from './panel';
import { PanelType } from './panel';

/** Series of a metric that are of one site. */
type OfSite = (metric: Metric, more?: string) => string;

const PLAIN: ColorStep[] = [{ color: 'blue', value: null }];
const OK_OR_FAILED: ValueName[] = [
  { value: 0, text: 'ok', color: 'green' },
  { value: 1, text: 'failed', color: 'red' },
];
const ASSET = '{{asset_kind}} {{asset}}';
const TIER = '{{asset}} {{tier}}';

/** One screen, read from the top: can I recover, to when, how fast; then each tier; then how it came about. */
export function dashboardPanels({ site }: RecoveryPlan, { archives, drills, probe }: MonitoringPlan): Panel[] {
  const of: OfSite = ({ name }, more = '') => `${name}{site="${site}"${more}}`;
  return [
    ...answers(of),
    tiers(of),
    failures(of, probe !== undefined),
    ...(drills.length === 0 ? [] : [rehearsals(of)]),
    ...history(of),
    ...(archives.length === 0 ? [] : archivePanels(archives)),
  ];
}

/** What somebody needs to know before a recovery. */
function answers(of: OfSite): Panel[] {
  const { achievedRpo, objectiveRpo, objectiveRto, recoveryWindow } = RECORDED_METRICS;
  const restore = of(RUN_METRICS.verifyDuration);
  return [
    {
      type: PanelType.BAR_GAUGE,
      title: 'Can I recover? Work that would be lost now, as part of what may be lost',
      description:
        'Age of the freshest protection of each asset, divided by its RPO. From 100 % on the objective is missed. An asset without a bar reports nothing, which is no better.',
      width: 9,
      height: 7,
      unit: 'percentunit',
      max: 1,
      colors: greenBelow(0.9, 1),
      queries: [{ expr: `${of(achievedRpo)} / ${of(objectiveRpo)}`, legend: ASSET }],
    },
    {
      type: PanelType.STAT,
      title: 'To when? Any time of the last',
      description: 'Recovery window of each database: from the earliest time that it can be recovered to until now.',
      width: 5,
      height: 7,
      unit: 's',
      colors: PLAIN,
      queries: [{ expr: of(recoveryWindow), legend: '{{asset}}' }],
    },
    {
      type: PanelType.STAT,
      title: 'How fast? The newest proven restore',
      description:
        'Fetch, load and validation in a throw-away server, beside the time that a recovery may take, and how long ago that was.',
      width: 6,
      height: 7,
      unit: 's',
      colors: PLAIN,
      queries: [
        { expr: `max by(asset) (${restore})`, legend: '{{asset}} took' },
        { expr: `max by(asset) (${of(objectiveRto)} and on(asset) ${restore})`, legend: '{{asset}} may take' },
        { expr: `time() - max by(asset) (${of(RUN_METRICS.verifyLastSuccess)})`, legend: '{{asset}} proven since' },
      ],
    },
    {
      type: PanelType.STAT,
      title: 'Alerts that fire',
      description: 'The runbook has a section for each name.',
      width: 4,
      height: 7,
      unit: 'none',
      colors: greenBelow(1, 1),
      queries: [{ expr: `count(${of(ALERTS, ',alertstate="firing"')}) or vector(0)`, legend: 'firing' }],
    },
  ];
}

/** The newest backup of every tier. Base backups and snapshots of databases report through others, so that their names are brought into line. */
function tiers(of: OfSite): Panel {
  const byTier = 'max by(asset_kind,asset,tier)';
  const others = of(RECORDED_METRICS.postgresAge, ',backup_type=~"base|snapshot"');
  const renamed = `label_replace(label_replace(${others}, "tier", "$1", "backup_type", "(.*)"), "asset_kind", "database", "", "")`;
  return {
    type: PanelType.TABLE,
    title: 'Newest backup of each tier',
    description: 'Age, time from capture to commit, bytes in the store, and whether the newest finished run failed.',
    width: 14,
    height: 9,
    unit: 's',
    colors: PLAIN,
    queries: [
      { expr: `${byTier} (time() - ${of(RUN_METRICS.lastSuccess)} or ${renamed})`, legend: 'Age', unit: 's' },
      { expr: `${byTier} (${of(RUN_METRICS.duration)})`, legend: 'Took', unit: 's' },
      { expr: `${byTier} (${of(RUN_METRICS.size)})`, legend: 'Size', unit: 'bytes' },
      { expr: `${byTier} (${of(RECORDED_METRICS.failed)})`, legend: 'Failed', unit: 'bool_yes_no' },
    ],
  };
}

function failures(of: OfSite, looks: boolean): Panel {
  return {
    type: PanelType.STATE_TIMELINE,
    title: 'Failed runs, and restores that were not proven',
    description: `By the newest finished run of each tier and of each verification${looks ? ', and by the newest look into the store' : ''}.`,
    width: 10,
    height: 9,
    unit: 'none',
    colors: PLAIN,
    names: OK_OR_FAILED,
    queries: [
      { expr: of(RECORDED_METRICS.failed), legend: TIER },
      { expr: `1 - ${of(RECORDED_METRICS.verified)}`, legend: '{{asset}} verification' },
      ...(looks ? [{ expr: `1 - ${of(STORE_METRICS.up)}`, legend: 'store {{store}}' }] : []),
    ],
  };
}

/** What the newest drill of each kind found. */
function rehearsals(of: OfSite): Panel {
  const byDrill = 'max by(asset_kind,asset,drill)';
  return {
    type: PanelType.TABLE,
    title: 'Newest drill of each kind',
    description:
      'How long ago it ended, whether it failed, what a recovery takes by the newest that completed one, with what no drill can measure, and the RTO that it was held against.',
    width: 24,
    height: 7,
    unit: 's',
    colors: PLAIN,
    queries: [
      { expr: `${byDrill} (time() - ${of(DRILL_METRICS.lastRun)})`, legend: 'Ended', unit: 's' },
      { expr: `${byDrill} (1 - ${of(DRILL_METRICS.success)})`, legend: 'Failed', unit: 'bool_yes_no' },
      { expr: `${byDrill} (${of(DRILL_METRICS.recovery)})`, legend: 'A recovery takes', unit: 's' },
      { expr: `${byDrill} (${of(DRILL_METRICS.rto)})`, legend: 'and may take', unit: 's' },
    ],
  };
}

function history(of: OfSite): Panel[] {
  const { achievedRpo, objectiveRpo } = RECORDED_METRICS;
  const common = { type: PanelType.TIME_SERIES, width: 8, height: 8 };
  return [
    {
      ...common,
      title: 'Work at risk, as part of the RPO',
      description:
        'The first panel over time. Peaks above 100 % are times at which a disaster would have cost too much.',
      unit: 'percentunit',
      colors: greenBelow(0.9, 1),
      queries: [{ expr: `${of(achievedRpo)} / ${of(objectiveRpo)}`, legend: ASSET }],
    },
    {
      ...common,
      title: 'Sizes',
      description: 'A sudden change means that data is missing, or that something was added which nobody expects.',
      unit: 'bytes',
      colors: PLAIN,
      queries: [{ expr: `max by(asset,tier) (${of(RUN_METRICS.size)})`, legend: TIER }],
    },
    {
      ...common,
      title: 'Durations',
      description: 'From capture to commit. They grow with the data until the deadline kills a run.',
      unit: 's',
      colors: PLAIN,
      queries: [{ expr: `max by(asset,tier) (${of(RUN_METRICS.duration)})`, legend: TIER }],
    },
  ];
}

/** Series of the Clusters' exporter know no site. */
function archivePanels(archives: MonitoringPlan['archives']): Panel[] {
  const clusters = [...new Set(archives.map(({ cluster }) => cluster))].join('|');
  const namespaces = [...new Set(archives.map(({ namespace }) => namespace))].join('|');
  const of = ({ name }: Metric, more: string = ''): string =>
    `max by(${CLUSTER_LABEL}) (${name}{namespace=~"${namespaces}",${CLUSTER_LABEL}=~"${clusters}"${more}})`;
  const legend = `{{${CLUSTER_LABEL}}}`;
  const common = { type: PanelType.TIME_SERIES, width: 12, height: 7, colors: PLAIN };
  return [
    {
      ...common,
      title: 'WAL segments that wait to be archived',
      description: 'None, or a few for seconds. An idle database has none.',
      unit: 'none',
      queries: [{ expr: of(DATABASE_METRICS.walFiles, ',value="ready"'), legend }],
    },
    {
      ...common,
      title: 'Age of the newest base backup',
      description: 'A recovery replays all WAL since then.',
      unit: 's',
      queries: [{ expr: `time() - (${of(DATABASE_METRICS.lastBaseBackup)} > 0)`, legend }],
    },
  ];
}

function greenBelow(warning: number, bad: number): ColorStep[] {
  const first: ColorStep[] = [{ color: 'green', value: null }];
  const last: ColorStep[] = [{ color: 'red', value: bad }];
  return warning < bad ? [...first, { color: 'orange', value: warning }, ...last] : [...first, ...last];
}
