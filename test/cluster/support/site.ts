import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { nextgen } from '../../../app';
import { type DatabasePlan, type DisasterRecoveryConfig, planRecovery, type RecoveryPlan } from '../../../lib';
import { variants } from '../../support/configs';
import { render } from '../../support/render';
import { say } from '../machine/log';
import { overridden } from '../overrides';
import { healthy, loadSampleData, query, SAMPLE_TABLES } from './database';
import { apply, type KubernetesObject, kubectl } from './kubectl';
import { provide } from './provide';

/** A config as it runs in the proving ground. */
export interface Site {
  readonly plan: RecoveryPlan;
  /** Synthesised manifests by file name. */
  readonly files: Map<string, string>;
}

/** The reference config, whose output is committed in dist/. */
export const NEXTGEN = siteOf(overridden.nextgen(nextgen));

/** The same on an S3-compatible store. */
export const S3 = siteOf(overridden.s3(variants['s3-compatible'] ?? nextgen));

/** The same on Google Cloud Storage. */
export const GCS = siteOf(overridden.gcs(variants.gcs ?? nextgen));

/** Every site that the tests install. */
export const SITES = [NEXTGEN, S3, GCS] as const;

/** Plans and synthesises a config. */
export function siteOf(config: DisasterRecoveryConfig): Site {
  return { plan: planRecovery(config), files: render(config) };
}

/** The database of a site that has one. */
export function databaseOf({ plan }: Site): DatabasePlan {
  const [database] = plan.databases;
  if (database === undefined) {
    throw new Error(`site ${plan.site} has no database`);
  }
  return database;
}

/** The manifests that are committed in dist/. */
export function committedFiles(): Map<string, string> {
  return new Map(
    readdirSync('dist')
      .sort()
      .map((name) => [name, readFileSync(join('dist', name), 'utf8')]),
  );
}

/** Provides what the plan says must exist, and applies the manifests of a site. */
export async function install(site: Site): Promise<void> {
  await provide(site.plan);
  await apply([...site.files.values()].join('---\n'));
}

/** Installs a site, waits until its databases are healthy and hold the sample data, and suspends its jobs. */
export async function ready(site: Site): Promise<void> {
  await install(site);
  // Tests start the jobs when they need them; one that starts by itself would change what a test sees.
  await suspend(cronJobs(site), true);
  for (const database of site.plan.databases) {
    await healthy(database);
    const tables = await query(
      database,
      "SELECT string_agg(tablename, ' ') FROM pg_tables WHERE schemaname = 'public'",
    );
    if (!SAMPLE_TABLES.every((table) => tables.split(' ').includes(table))) {
      await loadSampleData(database);
    }
    say(`database ${database.name} is ready`);
  }
}

/** Suspends CronJobs, or lets them start runs by themselves. */
export async function suspend(jobs: readonly CronJobName[], suspended: boolean): Promise<void> {
  const patch = JSON.stringify({ spec: { suspend: suspended } });
  for (const namespace of new Set(jobs.map((job) => job.namespace))) {
    const names = jobs.filter((job) => job.namespace === namespace).map(({ name }) => name);
    await kubectl(['patch', 'cronjob', ...names, '-n', namespace, '--type=merge', '-p', patch]);
  }
}

/** Where a CronJob is found. */
export interface CronJobName {
  readonly namespace: string;
  readonly name: string;
}

/** The CronJobs of a site. */
export function cronJobs(site: Site): CronJobName[] {
  return objectsOf(site)
    .filter(({ kind }) => kind === 'CronJob')
    .map(({ metadata: { name, namespace = '' } }) => ({ name, namespace }));
}

/** Every object of a site's manifests. */
export function objectsOf({ files }: Site): KubernetesObject[] {
  return [...files.values()].flatMap((text) =>
    parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject),
  );
}
