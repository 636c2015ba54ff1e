import { formatSeconds } from '../config';
import type { AssetSummary, Finding, ProtectionSummary, RecoveryPlan } from '../plan';
import { lifecycleTable } from './lifecycle-table';
import { replicationTable } from './replication-table';

const HEADINGS = ['protection', 'schedule', 'worst-case loss', 'restore', 'retention'];

/** Renders a plan as aligned text: per asset its objective, then its protections, then findings and what must exist. */
export function planTable(plan: RecoveryPlan): string {
  const rows = plan.assets.flatMap((asset) => asset.protections.map((protection) => cells(asset, protection)));
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (values: readonly string[]): string =>
    `  ${values.map((value, column) => value.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd();
  return [
    `Recovery plan of ${plan.site}`,
    ...plan.assets.flatMap((asset) => [
      '',
      `${asset.asset}: RPO ${formatSeconds(asset.rpo)}, RTO ${formatSeconds(asset.rto)}`,
      line(HEADINGS),
      line(widths.map((width) => '-'.repeat(width))),
      ...asset.protections.map((protection) => line(cells(asset, protection))),
    ]),
    '',
    'A loss or restore marked "over" misses the objective by itself; the asset needs one protection that meets both.',
    'Restores are assumed until a drill has measured them.',
    ...lifecycleTable(plan.lifecycle),
    ...replicationTable(plan.replication),
    ...findings(plan.findings),
    ...references(plan),
    '',
  ].join('\n');
}

function cells(asset: AssetSummary, protection: ProtectionSummary): string[] {
  const { worstCaseLoss, restore } = protection;
  return [
    protection.protection,
    protection.schedule,
    `${formatSeconds(worstCaseLoss)}${worstCaseLoss > asset.rpo ? ' (over)' : ''}`,
    `${formatSeconds(restore.total)} ${restore.measured ? 'measured' : 'assumed'}${restore.total > asset.rto ? ' (over)' : ''}`,
    protection.retention,
  ];
}

function findings(list: readonly Finding[]): string[] {
  if (list.length === 0) {
    return ['', 'Findings: none'];
  }
  return [
    '',
    'Findings',
    ...list.map(
      (finding) => `  ${finding.severity}: ${finding.path} [${finding.rule}] ${finding.message}; fix: ${finding.fix}`,
    ),
  ];
}

function references(plan: RecoveryPlan): string[] {
  return [
    '',
    'Must exist before the manifests are applied',
    ...plan.externalReferences.map(({ kind, namespace, name, keys, purpose, podSecurity }) => {
      const place = namespace === '' ? name : `${namespace}/${name}`;
      const wanted = keys.length === 0 ? '' : ` with ${keys.join(', ')}`;
      const level = podSecurity === undefined ? '' : ` (may enforce Pod Security ${podSecurity})`;
      return `  ${kind} ${place}${wanted}: ${purpose}${level}`;
    }),
  ];
}
