/** Addresses inside the sandbox; nothing outside it can reach or see them. */
export const ADDRESSES = {
  node: '10.98.0.1',
  /** One address for each object store, so that each can listen on 443 under its production name. */
  azure: '10.98.0.2',
  s3: '10.98.0.3',
  gcs: '10.98.0.4',
  /** What stands between pods and stores when a test has requests fail. */
  faults: '10.98.0.8',
  services: '10.96.0.0/16',
  apiService: '10.96.0.1',
  /** Outside the range of Services: kube-proxy rejects what a process of the node sends to an address in it that no Service has. */
  dns: '10.98.0.10',
  pods: '10.97.0.0/16',
  nodePods: '10.97.0.0/24',
} as const;

/** Where the API server answers. */
export const API_SERVER = `https://${ADDRESSES.node}:6443`;

/** Name of the only node. */
export const NODE = 'proving-ground';
