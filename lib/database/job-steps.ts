import { join } from 'node:path';
import type { KnownImage } from '../config';
import { BackupSelection, postgresTools } from '../config';
import type { Step, StepResources } from '../k8s';
import { BACKUP_SCRIPTS, backupReport, RunSteps, VERIFY_SCRIPTS, verificationReport } from '../k8s';
import type { DatabasePlan, DumpPlan, DumpTierPlan, RecoveryPlan, VerificationPlan } from '../plan';
import type { EnvironmentVariable, SecretFile } from '../storage';
import { appConnection, connection, loginOf, serverCa } from './connection';

const CHECKS_PATH = '/checks';

const DUMP_RESOURCES: StepResources = { cpuRequest: '250m', cpuLimit: '2', memoryRequest: '256Mi', memoryLimit: '1Gi' };
const RESTORE_RESOURCES: StepResources = {
  cpuRequest: '500m',
  cpuLimit: '4',
  memoryRequest: '512Mi',
  memoryLimit: '2Gi',
};

/** What a step reads that examines a restored database. */
export const CHECK_SCRIPTS: readonly string[] = databaseScripts('checks.sh', 'tables.sql');

/** Every script that jobs of a database run or source. */
export const DATABASE_SCRIPTS: readonly string[] = [
  ...BACKUP_SCRIPTS,
  ...VERIFY_SCRIPTS,
  ...CHECK_SCRIPTS,
  ...databaseScripts('dump.sh', 'read-back.sh', 'restore.sh', 'verify.sh'),
];

function databaseScripts(...names: string[]): string[] {
  return names.map((name) => join(__dirname, 'scripts', name));
}

/** Builds the steps of a database's jobs from its plan. */
export class JobSteps {
  private readonly postgres: KnownImage;
  private readonly shared: RunSteps;

  public constructor(
    private readonly site: RecoveryPlan,
    private readonly database: DatabasePlan,
    private readonly dumps: DumpPlan,
  ) {
    this.postgres = postgresTools(database.majorVersion, dumps.image);
    this.shared = new RunSteps({ ...site, toolsImage: this.postgres });
  }

  /** User that every step of a pod runs as: PostgreSQL's, since only its tools are particular about it. */
  public get uid(): number {
    return this.shared.uid;
  }

  /** Capture, seal, ship. */
  public dump(tier: DumpTierPlan): Step[] {
    const login = loginOf(this.dumps.secretName);
    const environment = [...connection(this.database, this.database.database, login), ...this.dumpOptions()];
    const { namespace } = this.database;
    return [
      this.postgresStep('capture', 'dump.sh', DUMP_RESOURCES, environment, serverCa(this.database)),
      this.shared.seal(this.database.name, tier.name),
      this.shared.ship(tier.prefix, backupReport(this.site, { namespace, cronJob: tier.jobName })),
    ];
  }

  /** Fetch, unseal, restore and check, report. */
  public verify(checksName: string): Step[] {
    const { verification } = this.dumps;
    const { namespace } = this.database;
    return [
      ...this.restoreIntoPod(checksName, verification, BackupSelection.LATEST),
      this.shared.shipReport(
        verification.reportPrefix,
        verificationReport(this.site, { namespace, cronJob: verification.jobName }),
      ),
    ];
  }

  /** Fetch, unseal, restore into a PostgreSQL that lives in the pod and check; what is found is left for a report. */
  public restoreIntoPod(
    checksName: string,
    { corruptionCheck }: Pick<VerificationPlan, 'corruptionCheck'>,
    selection: BackupSelection,
  ): Step[] {
    const { tiers, parallelJobs } = this.dumps;
    const restore = this.postgresStep('verify', 'verify.sh', RESTORE_RESOURCES, [
      { name: 'CHECKS_DIR', value: CHECKS_PATH },
      { name: 'CORRUPTION_CHECK', value: String(corruptionCheck) },
      { name: 'VERIFY_JOBS', value: String(parallelJobs) },
    ]);
    return [
      selection === BackupSelection.LATEST
        ? this.shared.fetchLatest(tiers.map(({ prefix, run }) => ({ prefix, staleAfter: run.worstCaseLoss })))
        : this.shared.fetchRandom(tiers.map(({ prefix }) => prefix)),
      this.shared.unseal(),
      { ...restore, configMaps: { [CHECKS_PATH]: checksName } },
    ];
  }

  /** Fetch, unseal and restore a run into a database of the Cluster, as the role that owns the application's. */
  public restore(notAfter: string, into: string): Step[] {
    const jobs = { name: 'RESTORE_JOBS', value: String(this.dumps.parallelJobs) };
    return [
      this.shared.fetchRun(
        this.dumps.tiers.map(({ prefix }) => prefix),
        notAfter,
      ),
      this.shared.unseal(),
      this.postgresStep(
        'restore',
        'restore.sh',
        RESTORE_RESOURCES,
        [...appConnection(this.database, into), jobs],
        serverCa(this.database),
      ),
    ];
  }

  /** Removal of what is expired. */
  public prune(): Step[] {
    return [this.shared.prune(this.dumps.tiers, this.dumps.prune.abandonedAfter)];
  }

  private dumpOptions(): EnvironmentVariable[] {
    return [
      { name: 'DUMP_COMPRESSION', value: this.dumps.compression },
      { name: 'DUMP_JOBS', value: String(this.dumps.parallelJobs) },
    ];
  }

  private postgresStep(
    name: string,
    script: string,
    resources: StepResources,
    environment: EnvironmentVariable[],
    files: SecretFile[] = [],
  ): Step {
    return { name, image: this.postgres, script, environment, files, resources };
  }
}
