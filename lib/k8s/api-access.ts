import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import type { ObjectDefaults } from './metadata';
import { argoAnnotations, labelsFor, SyncWave } from './metadata';

/** Where a ServiceAccount's token is expected by every Kubernetes client. */
export const API_TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';

/** A token for one step outlives the longest job but not the day; the kubelet renews it. In seconds. */
const TOKEN_LIFETIME = 3600;

/** What a job may do with the API server. */
export interface ApiAccess {
  /** The least rules that the job needs. */
  readonly rules: k8s.PolicyRule[];
  /** Namespaces that the rules hold in; empty for the whole cluster. */
  readonly namespaces: readonly string[];
  /** Rules for cluster-scoped objects, beside those that hold in namespaces. */
  readonly clusterRules?: k8s.PolicyRule[];
}

/** The access that the ServiceAccount of a job has. */
export interface JobRolesProps {
  readonly defaults: ObjectDefaults;
  /** Name of the job. */
  readonly name: string;
  readonly serviceAccountName: string;
  readonly access: ApiAccess;
}

/** Roles of a job with their bindings: one per namespace, or a ClusterRole. */
export class JobRoles extends Construct {
  public constructor(
    scope: Construct,
    id: string,
    private readonly props: JobRolesProps,
  ) {
    super(scope, id);
    const { name, defaults, access } = props;
    const { rules, namespaces, clusterRules = [] } = access;
    const everywhere = [...(namespaces.length === 0 ? rules : []), ...clusterRules];
    const subjects = [{ kind: 'ServiceAccount', name: props.serviceAccountName, namespace: defaults.namespace }];
    if (everywhere.length > 0) {
      // Cluster-wide names are shared with the jobs of other namespaces; a dot is in none of their names.
      const metadata = this.metadata(`${name}.${defaults.namespace}`);
      new k8s.KubeClusterRole(this, 'ClusterRole', { metadata, rules: everywhere });
      const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: metadata.name ?? '' };
      new k8s.KubeClusterRoleBinding(this, 'ClusterRoleBinding', { metadata, roleRef, subjects });
    }
    for (const namespace of namespaces) {
      const own = namespace === defaults.namespace;
      const metadata = this.metadata(own ? name : `${name}.${defaults.namespace}`, namespace);
      new k8s.KubeRole(this, `Role-${namespace}`, { metadata, rules });
      const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name ?? '' };
      new k8s.KubeRoleBinding(this, `RoleBinding-${namespace}`, { metadata, roleRef, subjects });
    }
  }

  private metadata(name: string, namespace?: string): k8s.ObjectMeta {
    const { defaults } = this.props;
    return {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: labelsFor(defaults, this.props.name, 'access'),
      annotations: argoAnnotations(defaults, SyncWave.PREREQUISITE),
    };
  }
}

/** Token, authority and namespace as a client in a pod expects them (kubernetes plugin/pkg/admission/serviceaccount). */
export function apiTokenVolume(name: string): k8s.Volume {
  return {
    name,
    projected: {
      defaultMode: 0o440,
      sources: [
        { serviceAccountToken: { path: 'token', expirationSeconds: TOKEN_LIFETIME } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardApi: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
      ],
    },
  };
}
