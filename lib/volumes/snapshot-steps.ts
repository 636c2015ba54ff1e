import { join } from 'node:path';
import type { KnownImage } from '../config';
import { Encryption, KUBECTL_IMAGE, TOOLS_IMAGE } from '../config';
import type { Step, StepResources } from '../k8s';
import { API_SCRIPTS, BACKUP_SCRIPTS, backupReport, RunSteps } from '../k8s';
import type { RecoveryPlan, VolumePlan } from '../plan';

/** The asset in commit markers; the tier is the name of the volume asset, so that keys are `<path>/<name>`. */
const ASSET = 'volumes';

const RESOURCES: StepResources = { cpuRequest: '100m', cpuLimit: '1', memoryRequest: '128Mi', memoryLimit: '512Mi' };

const NAMES = [
  ...['conclude.sh', 'quiesce.sh', 'record.jq', 'record.sh', 'snapshot.sh'],
  ...['snapshots.jq', 'snapshots.sh', 'thin.sh', 'tiers.jq'],
];

/** Every script that the jobs run, source or read. */
export const VOLUME_SCRIPTS: readonly string[] = [
  ...BACKUP_SCRIPTS,
  ...API_SCRIPTS,
  ...NAMES.map((name) => join(__dirname, 'scripts', name)),
];

/** Builds the steps of the jobs that take and remove snapshots. */
export class SnapshotSteps {
  private readonly shared: RunSteps;
  private readonly image: KnownImage;

  public constructor(
    private readonly site: RecoveryPlan,
    private readonly plan: VolumePlan,
  ) {
    // Records hold no data, and must be readable when the passphrase is not at hand; sealing them writes their marker only.
    const encryption = Encryption.none();
    this.shared = new RunSteps({ ...site, encryption, toolsImage: { ...TOOLS_IMAGE, image: site.toolsImage } });
    this.image = { ...KUBECTL_IMAGE, image: site.kubectlImage };
  }

  /** User that every step of a pod runs as. */
  public get uid(): number {
    return this.shared.uid;
  }

  /** Takes the snapshots, then records them; a claim that failed fails the run only after the others are recorded. */
  public snapshot(): Step[] {
    const { plan } = this;
    const { namespace, jobName, quiesce } = plan;
    return [
      {
        ...this.step('snapshot', 'snapshot.sh', {
          NAMESPACE: plan.namespace,
          CLAIMS: plan.claims.join(' '),
          CLAIM_SELECTOR: plan.claimSelector,
          SNAPSHOT_CLASS: plan.snapshotClassName,
          SCHEDULE: plan.name,
          LABELS: this.labels(),
          READY_SECONDS: String(plan.readySeconds),
          QUIESCE_PODS: quiesce?.podSelector ?? '',
          QUIESCE_CONTAINER: quiesce?.container ?? '',
          QUIESCE_BEFORE: quiesce?.before.join('\n') ?? '',
          QUIESCE_AFTER: quiesce?.after.join('\n') ?? '',
          QUIESCE_SECONDS: String(quiesce?.seconds ?? 0),
        }),
        podFields: { JOB_NAME: "metadata.labels['batch.kubernetes.io/job-name']" },
        apiToken: true,
      },
      { ...this.step('record', 'record.sh', {}), apiToken: true },
      this.shared.seal(ASSET, plan.name),
      this.shared.ship(plan.prefix),
      // Only here it is known that every claim has its snapshot.
      {
        ...this.step('conclude', 'conclude.sh', {}),
        environment: backupReport(this.site, { namespace, cronJob: jobName }),
      },
    ];
  }

  /** Removal of snapshots that no tier wants, and of records that are older than any. */
  public prune(): Step[] {
    const { plan } = this;
    return [
      {
        ...this.step('thin', 'thin.sh', {
          NAMESPACE: plan.namespace,
          LABELS: this.labels(),
          TIERS: plan.tiers.map(({ name, keepSeconds }) => `${name}=${keepSeconds}`).join(' '),
          KEEP_AT_LEAST: String(plan.keepAtLeast),
          ABANDONED_AFTER_SECONDS: String(plan.abandonedAfter),
        }),
        apiToken: true,
      },
      this.shared.prune([plan], plan.prune.abandonedAfter),
    ];
  }

  private labels(): string {
    return Object.entries(this.plan.labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(',');
  }

  private step(name: string, script: string, environment: Record<string, string>): Step {
    return {
      name,
      image: this.image,
      script,
      environment: Object.entries(environment).map(([key, value]) => ({ name: key, value })),
      files: [],
      resources: RESOURCES,
    };
  }
}
