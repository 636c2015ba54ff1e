import { ETCD_IMAGE, type KnownImage, PUSHGATEWAY_IMAGE, RCLONE_IMAGE } from '../../lib/config/images';

/** Version of everything that the proving ground is built from; a change here rebuilds just what it concerns. */
export const VERSIONS = {
  /** 1.34 is the last line whose kubelet runs on cgroup v1 and containerd 1.6. */
  kubernetes: 'v1.34.4',
  /** Those that jobs run, so that the built binaries stand for the images in the manifests. */
  etcd: tagOf(ETCD_IMAGE),
  rclone: `v${tagOf(RCLONE_IMAGE)}`,
  pushgateway: tagOf(PUSHGATEWAY_IMAGE),
  /** Prometheus 3.16.0; its Go module counts from 0. */
  prometheus: 'v0.316.0',
  kubeStateMetrics: 'v2.20.0',
  coredns: 'v1.13.1',
  cloudNativePg: 'v1.30.0',
  barmanPlugin: 'v0.14.0',
  /** Only its definitions are installed. */
  prometheusOperator: 'v0.93.0',
  externalSnapshotter: 'v8.4.0',
  externalProvisioner: 'v6.4.0',
  csiTest: 'v5.4.0',
  versitygw: 'v1.8.0',
  fakeGcsServer: 'v1.56.1',
  /** What the plugin of that version ships in its sidecar (plugin-barman-cloud containers/sidecar-requirements.txt). */
  barman: '3.19.1',
  /** The newest that admits Node 20. */
  azurite: '3.35.0',
  debian: 'trixie',
} as const;

function tagOf({ image }: KnownImage): string {
  return image.reference.split(':')[1] ?? '';
}
