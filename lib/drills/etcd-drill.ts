import { join } from 'node:path';
import { Construct } from 'constructs';
import type {
  AssumptionsConfig,
  Encryption,
  EtcdConfig,
  EtcdDrillConfig,
  GitOpsConfig,
  ImagesConfig,
  MonitoringConfig,
  NetworkConfig,
  ObjectStorage,
} from '../config';
import { DEFAULTS, ETCD_IMAGE, KUBECTL_IMAGE, TOOLS_IMAGE } from '../config';
import { ETCD_RESOURCES, ETCD_SCRIPTS } from '../etcd';
import type { Step } from '../k8s';
import { RunSteps, VERIFY_SCRIPTS, WORK_PATH } from '../k8s';
import type { EtcdDrillPlan, EtcdPlan, RecoveryPlan } from '../plan';
import { planRecovery } from '../plan';
import { addDrillJob, reportStep } from './drill-job';

/** Only the pod itself reaches these. */
const CLIENT = 'http://127.0.0.1:2379';
const PEER = 'http://127.0.0.1:2380';

const MEMBER = 'drill';
const DATA = `${WORK_PATH}/member`;

/** A snapshot of the largest size that etcd supports is loaded within it, in seconds. */
const START_SECONDS = 120;

/** Failed cycles of a stream are not counted in its loss; its containers are restarted when it is stale for this long, in seconds. */
const STREAM_TOLERANCE = 600;

/** Scripts of the drill, beside those of every drill. */
export const ETCD_DRILL_SCRIPTS: readonly string[] = ['check-snapshot.sh', 'examine-etcd.sh'].map((name) =>
  join(__dirname, 'scripts', name),
);

/** How etcd is protected and how its restore is rehearsed, for use in a chart of your own. */
export interface EtcdDrillProps {
  /** Name of the site, part of labels. */
  readonly site: string;
  /** etcd, as it is protected elsewhere. */
  readonly etcd: EtcdConfig;
  /** Where snapshots are stored. */
  readonly storage: ObjectStorage;
  /** How snapshots are sealed. */
  readonly encryption: Encryption;
  /**
   * The rehearsal.
   * @default - monthly
   */
  readonly drill?: EtcdDrillConfig;
  /**
   * Images of the job steps.
   * @default - the tested images
   */
  readonly images?: ImagesConfig;
  /**
   * What Argo CD may do.
   * @default - annotated for Argo CD
   */
  readonly gitOps?: GitOpsConfig;
  /**
   * How jobs reach their peers.
   * @default - cluster DNS in kube-system, the store on TCP 443 anywhere
   */
  readonly network?: NetworkConfig;
  /**
   * Where it tells what it found; a `Monitoring` construct generates what hears it.
   * @default - it stores its report, and tells nobody
   */
  readonly monitoring?: MonitoringConfig;
  /**
   * Inputs of the estimates.
   * @default - see `lib/config/defaults.ts`
   */
  readonly assumptions?: AssumptionsConfig;
}

/**
 * A CronJob that restores etcd's newest snapshot from the store into a member in its own pod, counts its keys, and stores a report with
 * the measured time. Throws `DisasterRecoveryError` when the config has problems or its objective cannot be met.
 */
export class EtcdDrill extends Construct {
  /** What was planned: losses, estimates, findings, and what must exist in the cluster. */
  public readonly plan: RecoveryPlan;

  public constructor(scope: Construct, id: string, props: EtcdDrillProps) {
    super(scope, id);
    const { drill, ...site } = props;
    this.plan = planRecovery({ ...site, namespace: DEFAULTS.etcd.namespace, drills: { etcd: drill ?? {} } });
    const { etcd, drills } = this.plan;
    if (etcd !== undefined && drills.etcd !== undefined) {
      renderEtcdDrill(this, this.plan, etcd, drills.etcd);
    }
  }
}

/** Adds every object of etcd's planned drill to a scope. */
export function renderEtcdDrill(scope: Construct, site: RecoveryPlan, etcd: EtcdPlan, plan: EtcdDrillPlan): void {
  const shared = new RunSteps({ ...site, toolsImage: { ...TOOLS_IMAGE, image: site.toolsImage } });
  addDrillJob(scope, {
    site,
    plan,
    scripts: [...ETCD_SCRIPTS, ...VERIFY_SCRIPTS, ...ETCD_DRILL_SCRIPTS],
    shared,
    steps: [
      shared.fetchLatest(newestOf(etcd)),
      shared.unseal(),
      script(site, 'check', 'check-snapshot.sh', {}),
      // No shell can skip what follows, so what failed until now is reported here.
      { ...reportStep(site, shared, plan, true), name: 'gate' },
      binary(etcd, 'restore', [
        ...['etcdutl', 'snapshot', 'restore', `${WORK_PATH}/restored/etcd.db`, '--data-dir', DATA, '--name', MEMBER],
        ...['--initial-cluster', `${MEMBER}=${PEER}`, '--initial-advertise-peer-urls', PEER],
      ]),
      {
        ...binary(etcd, 'member', [
          ...['etcd', '--data-dir', DATA, '--name', MEMBER, '--log-level', 'warn', '--unsafe-no-fsync'],
          ...['--listen-client-urls', CLIENT, '--advertise-client-urls', CLIENT],
          ...['--listen-peer-urls', PEER, '--initial-advertise-peer-urls', PEER],
          ...['--initial-cluster', `${MEMBER}=${PEER}`],
        ]),
        sidecar: true,
      },
      script(site, 'examine', 'examine-etcd.sh', {
        ETCD_ENDPOINT: CLIENT,
        MINIMUM_KEYS: String(plan.minimumKeys),
        START_SECONDS: String(START_SECONDS),
      }),
    ],
  });
}

/** The scheduled snapshots and, where there is one, the stream: the newer of both is restored. */
function newestOf({ prefix, run, stream }: EtcdPlan): { readonly prefix: string; readonly staleAfter: number }[] {
  return [
    { prefix, staleAfter: run.worstCaseLoss },
    ...(stream === undefined ? [] : [{ prefix: stream.prefix, staleAfter: stream.worstCaseLoss + STREAM_TOLERANCE }]),
  ];
}

function binary({ image }: EtcdPlan, name: string, command: readonly string[]): Step {
  return { name, image: { ...ETCD_IMAGE, image }, command, environment: [], files: [], resources: ETCD_RESOURCES };
}

function script(site: RecoveryPlan, name: string, file: string, environment: Readonly<Record<string, string>>): Step {
  return {
    name,
    image: { ...KUBECTL_IMAGE, image: site.kubectlImage },
    script: file,
    environment: Object.entries(environment).map(([key, value]) => ({ name: key, value })),
    files: [],
    resources: { cpuRequest: '50m', cpuLimit: '1', memoryRequest: '64Mi', memoryLimit: '256Mi' },
  };
}
