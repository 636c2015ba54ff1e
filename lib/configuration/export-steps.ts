import { join } from 'node:path';
import { KUBECTL_IMAGE, TOOLS_IMAGE } from '../config';
import type { Step, StepResources } from '../k8s';
import { BACKUP_SCRIPTS, backupReport, RunSteps } from '../k8s';
import type { ConfigurationPlan, RecoveryPlan } from '../plan';

/** The asset in commit markers. */
const ASSET = 'configuration';

/** jq holds all objects of one kind at a time. */
const EXPORT_RESOURCES: StepResources = {
  cpuRequest: '100m',
  cpuLimit: '2',
  memoryRequest: '256Mi',
  memoryLimit: '1Gi',
};

/** Every script that the jobs run, source or read. */
export const CONFIGURATION_SCRIPTS: readonly string[] = [
  ...BACKUP_SCRIPTS,
  ...['clean.jq', 'export.sh'].map((name) => join(__dirname, 'scripts', name)),
];

/** Builds the steps of the jobs that export cluster objects. */
export class ExportSteps {
  private readonly shared: RunSteps;

  public constructor(
    private readonly site: RecoveryPlan,
    private readonly plan: ConfigurationPlan,
  ) {
    this.shared = new RunSteps({ ...site, toolsImage: { ...TOOLS_IMAGE, image: site.toolsImage } });
  }

  /** User that every step of a pod runs as. */
  public get uid(): number {
    return this.shared.uid;
  }

  /** Capture, seal, ship; only the capture can talk to the API server. */
  public export(): Step[] {
    const { namespace, jobName, resources, exportedNamespaces, tier, prefix } = this.plan;
    return [
      {
        name: 'capture',
        image: { ...KUBECTL_IMAGE, image: this.site.kubectlImage },
        script: 'export.sh',
        environment: [
          { name: 'RESOURCES', value: resources.map(({ name }) => name).join(' ') },
          { name: 'NAMESPACES', value: exportedNamespaces.join(' ') },
        ],
        files: [],
        resources: EXPORT_RESOURCES,
        apiToken: true,
      },
      this.shared.seal(ASSET, tier),
      this.shared.ship(prefix, backupReport(this.site, { namespace, cronJob: jobName })),
    ];
  }

  /** Removal of what is expired. */
  public prune(): Step[] {
    return [this.shared.prune([this.plan], this.plan.prune.abandonedAfter)];
  }
}
