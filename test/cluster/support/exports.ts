import type { ConfigurationPlan } from '../../../lib';
import type { KubernetesObject } from './kubectl';
import { PASSPHRASE } from './provide';
import { newRun } from './runs';
import type { Site } from './site';
import type { Store } from './store';

/** A run of the export that has been committed. */
export interface Export {
  readonly id: string;
  /** Key of the run. */
  readonly key: string;
}

/** What docs/configuration.md tells a person to do with each file, and nothing else; then all are printed as one object. */
const SCRIPT = `set -eu
cd /work/export
cat >passphrase
separator='{'
for kind in "$@"; do
  gpg --batch --quiet --pinentry-mode loopback --passphrase-file passphrase --decrypt "$kind.json.gpg" >"$kind.json"
  printf '%s"%s":' "$separator" "$kind"
  cat "$kind.json"
  separator=,
done
echo '}'
`;

/** The plan of the export of a site that has one. */
export function exportPlanOf(site: Site): ConfigurationPlan {
  const { configuration } = site.plan;
  if (configuration === undefined) {
    throw new Error(`site ${site.plan.site} exports nothing`);
  }
  return configuration;
}

/** Runs the export to its success. */
export async function exportNow(plan: ConfigurationPlan, store: Store): Promise<Export> {
  const id = await newRun(store, plan, plan.namespace, plan.jobName);
  return { id, key: `${plan.prefix}/${id}` };
}

/** Downloads kinds of an export and opens them with stock tools. */
export async function openExport(
  store: Store,
  key: string,
  kinds: readonly string[],
): Promise<Record<string, KubernetesObject[]>> {
  await store.toolbox.run('postgres', ['sh', '-c', 'rm -rf /work/export && mkdir -m 777 /work/export']);
  await store.downloadAll(key, '/work/export');
  const text = await store.toolbox.run('postgres', ['bash', '-c', SCRIPT, 'bash', ...kinds], `${PASSPHRASE}\n`);
  const lists = JSON.parse(text) as Record<string, { items: KubernetesObject[] }>;
  return Object.fromEntries(Object.entries(lists).map(([kind, { items }]) => [kind, items]));
}
