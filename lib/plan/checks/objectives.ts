import { formatSeconds } from '../../config';
import type { Finding } from '../finding';
import { Severity } from '../finding';
import type { AssetSummary } from '../recovery-plan';

/** Recovery point: at least one protection of an asset must lose no more than the objective, at worst. */
export function checkRpo(asset: AssetSummary): Finding[] {
  const [best] = [...asset.protections].sort((a, b) => a.worstCaseLoss - b.worstCaseLoss);
  if (best === undefined || best.worstCaseLoss <= asset.rpo) {
    return [];
  }
  return [
    {
      rule: 'rpo-unmet',
      severity: Severity.ERROR,
      asset: asset.asset,
      path: best.path,
      actual: formatSeconds(best.worstCaseLoss),
      limit: formatSeconds(asset.rpo),
      message: `the best protection (${best.protection}, ${best.schedule}) loses up to ${formatSeconds(best.worstCaseLoss)}; the RPO is ${formatSeconds(asset.rpo)}`,
      fix: best.nearest,
    },
  ];
}

/** Recovery time: a protection that meets the RPO must also restore within the objective. */
export function checkRto(asset: AssetSummary): Finding[] {
  const meetingRpo = asset.protections.filter((protection) => protection.worstCaseLoss <= asset.rpo);
  const [fastest] = [...meetingRpo].sort((a, b) => a.restore.total - b.restore.total);
  if (fastest === undefined || fastest.restore.total <= asset.rto) {
    return [];
  }
  const parts = fastest.restore.parts.map((part) => `${part.name} ${formatSeconds(part.seconds)}`).join(', ');
  const [slowest] = [...fastest.restore.parts].sort((a, b) => b.seconds - a.seconds);
  return [
    {
      rule: 'rto-unmet',
      severity: Severity.ERROR,
      asset: asset.asset,
      path: `${asset.path}.objective.rto`,
      actual: formatSeconds(fastest.restore.total),
      limit: formatSeconds(asset.rto),
      message: `the fastest restore within the RPO (${fastest.protection}) takes ${formatSeconds(fastest.restore.total)}: ${parts}`,
      fix: `${FASTER[slowest?.name ?? ''] ?? 'shorten the longest part'}; with this config the RTO is ${formatSeconds(fastest.restore.total)}`,
    },
  ];
}

const FASTER: Readonly<Record<string, string>> = {
  detect: 'shorten assumptions.detection (alert sooner, page a person)',
  fetch: 'add volume snapshots, or raise assumptions.fetchPerSecond if you have measured it',
  replay: 'take base backups or snapshots more often',
  load: 'use more parallelJobs, or raise assumptions.loadPerSecond if you have measured it',
  measured: 'add volume snapshots; the time was measured',
};
