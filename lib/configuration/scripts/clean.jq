# Makes one list that can be restored and compared from lists as the API server returns them.
# Input: the lists of one kind. $uids: the uid of every object that was listed, of any kind.

# Group and kind: other groups have kinds of the same name.
def group_kind: (.apiVersion | if contains("/") then sub("/.*"; "/") else "" end) + .kind;

# Whether somebody set a field, rather than the server when it assigned or defaulted it.
def was_set($path): any(.metadata.managedFields[]?; .fieldsV1 | getpath($path) != null);

def cluster_annotations: [
  "deployment.kubernetes.io/revision", "deprecated.daemonset.template.generation", "kubectl.kubernetes.io/last-applied-configuration",
  "pv.kubernetes.io/bind-completed", "pv.kubernetes.io/bound-by-controller",
  "volume.beta.kubernetes.io/storage-provisioner", "volume.kubernetes.io/selected-node", "volume.kubernetes.io/storage-provisioner"
];

# Controllers of the cluster put them back where they belong.
def cluster_finalizers: [
  "customresourcecleanup.apiextensions.k8s.io", "foregroundDeletion", "kubernetes.io/pvc-protection", "orphan",
  "service.kubernetes.io/load-balancer-cleanup"
];

# Made by every cluster for itself.
def cluster_configmaps: ["extension-apiserver-authentication", "kube-apiserver-legacy-service-account-token-tracking", "kube-root-ca.crt"];

# What its controller makes again from an object that is exported too; nothing else that is owned may get lost.
def is_made($listed): any(.metadata.ownerReferences[]?; .controller == true and $listed[.uid] == true);

def is_of_cluster:
  .metadata as {$name, $namespace, $labels, $annotations}
  | $labels["kubernetes.io/bootstrapping"] == "rbac-defaults"
    or (group_kind == "ConfigMap"
      and ((cluster_configmaps | index($name)) != null or $annotations["control-plane.alpha.kubernetes.io/leader"] != null))
    or (group_kind == "Secret" and (.type == "kubernetes.io/service-account-token" or .type == "bootstrap.kubernetes.io/token"))
    or (group_kind == "Service" and $name == "kubernetes" and $namespace == "default")
    or (group_kind == "coordination.k8s.io/Lease" and ($namespace == "kube-system" or $namespace == "kube-node-lease"));

def clean_metadata:
  del(.uid, .resourceVersion, .generation, .creationTimestamp, .deletionTimestamp, .deletionGracePeriodSeconds, .selfLink,
    .managedFields, .ownerReferences, .annotations[cluster_annotations[]])
  | if .finalizers then .finalizers -= cluster_finalizers else . end
  | with_entries(select(.value != {} and .value != [] and .value != null));

def clean_service:
  . as $live
  | def assigned($field): $live | was_set(["f:spec", "f:" + $field]) | not;
  if .spec.clusterIP != "None" and assigned("clusterIP") and assigned("clusterIPs") then del(.spec.clusterIP, .spec.clusterIPs) else . end
  | reduce ("healthCheckNodePort", "ipFamilies", "ipFamilyPolicy") as $field (.; if assigned($field) then del(.spec[$field]) else . end)
  | if .spec.ports then
      .spec.ports |= map(
        ["f:spec", "f:ports", "k:" + ({port, protocol} | tojson), "f:nodePort"] as $path
        | if $live | was_set($path) then . else del(.nodePort) end)
    else . end;

def job_labels: "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name", "controller-uid", "job-name";

def clean_kind:
  if group_kind == "Service" then clean_service
  elif group_kind == "Namespace" then del(.spec)
  # A claim that somebody bound to a volume by hand stays bound to it.
  elif group_kind == "PersistentVolumeClaim" and .metadata.annotations["pv.kubernetes.io/bound-by-controller"] then del(.spec.volumeName)
  # Old clusters list the tokens that they made.
  elif group_kind == "ServiceAccount" and .secrets then (.metadata.name + "-token-") as $made | .secrets |= map(select(.name | startswith($made) | not))
  elif group_kind == "rbac.authorization.k8s.io/ClusterRole" and .aggregationRule then del(.rules)
  elif group_kind == "apps/StatefulSet" then del(.spec.volumeClaimTemplates[]?.status)
  elif group_kind == "batch/Job" and .spec.manualSelector != true then
    del(.spec.selector, .metadata.labels[job_labels], .spec.template.metadata.labels[job_labels])
  else . end;

# Templates carry a time that is never set.
def without_empty_times: walk(if type == "object" and has("creationTimestamp") and .creationTimestamp == null then del(.creationTimestamp) else . end);

(reduce $uids[] as $uid ({}; .[$uid] = true)) as $listed
| {
    apiVersion: "v1",
    kind: "List",
    items: map(.items[] | select((is_made($listed) or is_of_cluster) | not) | clean_kind | .metadata |= clean_metadata | del(.status) | without_empty_times)
      | sort_by(.metadata.namespace // "", .metadata.name)
  }
