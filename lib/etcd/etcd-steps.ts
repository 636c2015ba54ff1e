import { join } from 'node:path';
import { ETCD_IMAGE, KUBECTL_IMAGE, TOOLS_IMAGE } from '../config';
import type { HostFolder, Step, StepResources } from '../k8s';
import { BACKUP_SCRIPTS, backupReport, RunSteps, WORK_PATH } from '../k8s';
import type { EtcdPlan, EtcdStreamPlan, RecoveryPlan } from '../plan';

/** The asset in commit markers. */
const ASSET = 'etcd';

const SNAPSHOT = `${WORK_PATH}/capture/etcd.db`;

/** A restore maps the whole file. */
export const ETCD_RESOURCES: StepResources = {
  cpuRequest: '100m',
  cpuLimit: '2',
  memoryRequest: '256Mi',
  memoryLimit: '1Gi',
};
const SMALL_RESOURCES: StepResources = {
  cpuRequest: '50m',
  cpuLimit: '1',
  memoryRequest: '64Mi',
  memoryLimit: '256Mi',
};

/** Every script that the jobs and the stream run or source. */
export const ETCD_SCRIPTS: readonly string[] = [
  ...BACKUP_SCRIPTS,
  ...['checksum.sh', 'fresh.sh', 'keep-local.sh', 'prepare.sh', 'save-snapshot.sh', 'stream.sh'].map((name) =>
    join(__dirname, 'scripts', name),
  ),
];

/** Builds the steps that save etcd's snapshots. */
export class EtcdSteps {
  private readonly shared: RunSteps;

  public constructor(
    private readonly site: RecoveryPlan,
    private readonly plan: EtcdPlan,
    private readonly kubectlImage = { ...KUBECTL_IMAGE, image: site.kubectlImage },
    private readonly toolsImage = { ...TOOLS_IMAGE, image: site.toolsImage },
  ) {
    this.shared = new RunSteps({ ...site, toolsImage });
  }

  /** User of the steps that need nothing of the node. */
  public get uid(): number {
    return this.shared.uid;
  }

  /** Name the run, save, prove by restoring, seal, keep on the node, ship. Sealed first: a snapshot in clear holds every Secret. */
  public scheduled(): Step[] {
    const { plan, toolsImage } = this;
    return [
      {
        name: 'prepare',
        image: toolsImage,
        script: 'prepare.sh',
        environment: [{ name: 'CAPTURE_IMAGE', value: plan.image.reference }],
        files: [],
        resources: SMALL_RESOURCES,
      },
      { ...this.etcd('capture', this.saveCommand()), hostFolders: [this.certificates()] },
      // Only a restore compares the checksum; `snapshot status` does not.
      this.etcd('verify', ['etcdutl', 'snapshot', 'restore', SNAPSHOT, '--data-dir', `${WORK_PATH}/scratch`]),
      this.shared.seal(ASSET, plan.tier),
      {
        name: 'keep',
        image: toolsImage,
        script: 'keep-local.sh',
        environment: [
          { name: 'LOCAL_COPIES', value: String(plan.localCopies) },
          { name: 'LOCAL_DIR', value: plan.localPath },
        ],
        files: [],
        resources: SMALL_RESOURCES,
        hostFolders: [{ name: 'etcd-backup', path: plan.localPath, readOnly: false }],
      },
      this.shared.ship(plan.prefix, backupReport(this.site, { namespace: plan.namespace, cronJob: plan.jobName })),
    ];
  }

  /** Save, seal, ship; etcd's image cannot repeat anything without a shell, so the stream saves through etcd's JSON gateway. */
  public stream(stream: EtcdStreamPlan): Step[] {
    const { plan } = this;
    const save: Step = {
      name: 'capture',
      image: this.kubectlImage,
      script: 'save-snapshot.sh',
      environment: [
        { name: 'ETCD_CA_FILE', value: `${plan.certificatesPath}/ca.crt` },
        { name: 'ETCD_CERT_FILE', value: `${plan.certificatesPath}/healthcheck-client.crt` },
        { name: 'ETCD_ENDPOINT', value: plan.endpoint },
        { name: 'ETCD_KEY_FILE', value: `${plan.certificatesPath}/healthcheck-client.key` },
        { name: 'ETCD_MAX_SECONDS', value: String(stream.stepDeadline) },
      ],
      files: [],
      resources: ETCD_RESOURCES,
      hostFolders: [this.certificates()],
    };
    const reported = backupReport(this.site, { namespace: plan.namespace, tier: stream.tier });
    // A Pushgateway that hangs must not hold up the next snapshot.
    const report = reported.length === 0 ? [] : [...reported, { name: 'PUSH_ASIDE', value: 'true' }];
    const steps = [save, this.shared.seal(ASSET, stream.tier), this.shared.ship(stream.prefix, report)];
    return steps.map((step, index) => ({
      ...step,
      script: 'stream.sh',
      environment: [
        { name: 'FIRST_STEP', value: save.name },
        { name: 'MAX_AGE_SECONDS', value: String(stream.worstCaseLoss) },
        { name: 'NEXT_STEP', value: (steps[index + 1] ?? save).name },
        { name: 'PERIOD_SECONDS', value: String(stream.period) },
        { name: 'STEP', value: step.name },
        { name: 'STEP_SCRIPT', value: step.script ?? '' },
        { name: 'STEP_SECONDS', value: String(stream.stepDeadline) },
        ...step.environment,
      ],
    }));
  }

  /** Removal of what is expired. */
  public prune(): Step[] {
    const { stream, prune } = this.plan;
    return [this.shared.prune([this.plan, ...(stream === undefined ? [] : [stream])], prune.abandonedAfter)];
  }

  private saveCommand(): string[] {
    const { endpoint, certificatesPath, run } = this.plan;
    return [
      'etcdctl',
      `--endpoints=${endpoint}`,
      `--cacert=${certificatesPath}/ca.crt`,
      `--cert=${certificatesPath}/healthcheck-client.crt`,
      `--key=${certificatesPath}/healthcheck-client.key`,
      // Without one, etcdctl waits for ever for a member that is down.
      `--command-timeout=${Math.floor(run.deadline / 2)}s`,
      ...['snapshot', 'save', SNAPSHOT],
    ];
  }

  private etcd(name: string, command: readonly string[]): Step {
    const image = { ...ETCD_IMAGE, image: this.plan.image };
    return { name, image, command, environment: [], files: [], resources: ETCD_RESOURCES };
  }

  private certificates(): HostFolder {
    return { name: 'etcd-certs', path: this.plan.certificatesPath, readOnly: true };
  }
}
