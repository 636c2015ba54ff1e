import { stringify } from 'yaml';
import { IMAGES } from '../images';
import { until } from '../machine/run';
import { KUBE_STATE_METRICS, METRICS_PORT } from './kube-state-metrics';
import { apply, kubectl, remove, waitForField } from './kubectl';
import { restrictedPod } from './restricted-pod';

const NAME = 'prometheus';
const PORT = 9090;
const FOLDER = '/etc/prometheus';
const CONFIG = `${FOLDER}/prometheus.yml`;
const MORE_RULES = 'prometheus-more-rules';

/** A series as Prometheus returns it. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A target that is scraped. */
export interface Target {
  readonly scrapePool: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly health: string;
  readonly lastError: string;
}

/** A rule, and what its newest evaluation made of it. */
export interface EvaluatedRule {
  readonly name: string;
  readonly type: 'alerting' | 'recording';
  readonly health: string;
  readonly lastError?: string;
}

/** An alert that is pending or firing. */
export interface ActiveAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: 'pending' | 'firing';
}

/** Names of the generated ConfigMaps. */
export interface GeneratedFiles {
  readonly scrapeConfigs: string;
  readonly rules: string;
}

/**
 * A real Prometheus in the namespace of a site, with the generated scrape configs and rules, unchanged. The only job of its own is that of
 * kube-state-metrics, which is the user's.
 */
export class Prometheus {
  public constructor(
    private readonly namespace: string,
    private readonly files: GeneratedFiles,
  ) {}

  /** Starts one that may list pods, as the docs say, and nothing else; with more groups of rules, where a test has some. */
  public async start(moreGroups: readonly object[] = []): Promise<void> {
    const { namespace, files } = this;
    const metadata = { name: NAME, namespace };
    await this.stop();
    await apply([
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'Role',
        metadata,
        rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] }],
      },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata,
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: NAME },
        subjects: [{ kind: 'ServiceAccount', name: NAME, namespace }],
      },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'prometheus.yml': stringify(ownConfig(namespace)) } },
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: MORE_RULES, namespace },
        data: { 'more-rules.yaml': stringify({ groups: moreGroups }) },
      },
      restrictedPod(NAME, namespace, {
        image: IMAGES.prometheus.reference,
        args: [`--config.file=${CONFIG}`, '--storage.tsdb.path=/data', `--web.listen-address=:${PORT}`],
        ready: { path: '/-/ready', port: PORT },
        mounts: {
          [CONFIG]: { configMap: NAME, key: 'prometheus.yml' },
          [`${FOLDER}/scrape`]: { configMap: files.scrapeConfigs },
          [`${FOLDER}/rules`]: { configMap: files.rules },
          [`${FOLDER}/more`]: { configMap: MORE_RULES },
        },
      }),
    ]);
    await waitForField('pod', NAME, namespace, '.status.containerStatuses[0].ready', 'true', 120);
  }

  public async stop(): Promise<void> {
    await remove('pod', NAME, this.namespace);
  }

  /** What `promtool check config` says of its config and all files that it names. */
  public async check(): Promise<string> {
    return kubectl(['exec', '-n', this.namespace, NAME, '--', 'promtool', 'check', 'config', CONFIG]);
  }

  /** The series of an instant query; one that Prometheus has something to remark on is an error. */
  public async query(expression: string): Promise<Series[]> {
    const { data, ...remarks } = await this.api<{
      readonly result: readonly { readonly metric: Record<string, string>; readonly value: [number, string] }[];
    }>(`query?query=${encodeURIComponent(expression)}`);
    if (remarks.warnings !== undefined || remarks.infos !== undefined) {
      throw new Error(`${expression}: ${JSON.stringify(remarks)}`);
    }
    return data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
  }

  /** Waits until a query has a result, every series of which is good. */
  public async eventually(expression: string, good: (found: Series) => boolean = () => true): Promise<Series[]> {
    let found: Series[] = [];
    const probe = async (): Promise<string> => {
      found = await this.query(expression);
      return found.length > 0 && found.every(good) ? '' : JSON.stringify(found);
    };
    await until(expression, 120, probe, 2000);
    return found;
  }

  public async targets(): Promise<Target[]> {
    return (await this.api<{ readonly activeTargets: Target[] }>('targets?state=active')).data.activeTargets;
  }

  /** Rules of the groups whose names begin with a word. */
  public async rules(group: string): Promise<EvaluatedRule[]> {
    const { data } = await this.api<{ readonly groups: { readonly name: string; readonly rules: EvaluatedRule[] }[] }>(
      'rules',
    );
    return data.groups.filter(({ name }) => name.startsWith(group)).flatMap(({ rules }) => rules);
  }

  public async alerts(): Promise<ActiveAlert[]> {
    return (await this.api<{ readonly alerts: ActiveAlert[] }>('alerts')).data.alerts;
  }

  private async api<Data>(path: string): Promise<{ data: Data; warnings?: string[]; infos?: string[] }> {
    const pod = `/api/v1/namespaces/${this.namespace}/pods/${NAME}:${PORT}/proxy/api/v1`;
    const { status, ...answer } = JSON.parse(await kubectl(['get', '--raw', `${pod}/${path}`]));
    if (status !== 'success') {
      throw new Error(`${path}: ${JSON.stringify(answer)}`);
    }
    return answer;
  }
}

/** The config of somebody who has a Prometheus and kube-state-metrics, and mounts what is generated. */
function ownConfig(namespace: string): object {
  return {
    scrape_config_files: [`${FOLDER}/scrape/*.yaml`],
    rule_files: [`${FOLDER}/rules/*.yaml`, `${FOLDER}/more/*.yaml`],
    scrape_configs: [
      {
        job_name: KUBE_STATE_METRICS,
        scrape_interval: '15s',
        honor_labels: true,
        kubernetes_sd_configs: [{ role: 'pod', namespaces: { names: [namespace] } }],
        relabel_configs: [
          {
            source_labels: ['__meta_kubernetes_pod_label_app_kubernetes_io_name'],
            regex: KUBE_STATE_METRICS,
            action: 'keep',
          },
          {
            source_labels: ['__meta_kubernetes_pod_ip'],
            target_label: '__address__',
            replacement: `$1:${METRICS_PORT}`,
          },
        ],
      },
    ],
  };
}
