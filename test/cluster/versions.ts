import { RCLONE_IMAGE } from '../../lib/config/images';

/** Version of everything that the proving ground is built from; a change here rebuilds just what it concerns. */
export const VERSIONS = {
  /** 1.34 is the last line whose kubelet runs on cgroup v1 and containerd 1.6. */
  kubernetes: 'v1.34.4',
  etcd: 'v3.6.6',
  coredns: 'v1.13.1',
  cloudNativePg: 'v1.30.0',
  barmanPlugin: 'v0.14.0',
  externalSnapshotter: 'v8.4.0',
  externalProvisioner: 'v6.4.0',
  csiTest: 'v5.4.0',
  /** The version that jobs run, so that the built binary stands for the image in the manifests. */
  rclone: `v${RCLONE_IMAGE.image.reference.split(':')[1]}`,
  /** Barman's cloud tools in the sidecar; later ones want Python 3.12. */
  barman: '3.19.1',
  /** The newest that admits Node 20. */
  azurite: '3.35.0',
  debian: 'trixie',
} as const;
