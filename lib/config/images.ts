import { ImageRef } from './image';

/** A stock public image that job steps run in, with what it is known to hold. */
export interface KnownImage {
  /** The image at its pinned tag. */
  readonly image: ImageRef;
  /** Whether it has a POSIX shell at /bin/sh. */
  readonly shell: boolean;
  /** Numeric user that its tools run as; PostgreSQL's `initdb` needs one with a passwd entry. */
  readonly uid: number;
  /** External commands that scripts may call. */
  readonly commands: readonly string[];
}

const COREUTILS = [
  'basename',
  'cat',
  'chmod',
  'cp',
  'cut',
  'date',
  'dirname',
  'du',
  'head',
  'mkdir',
  'mkfifo',
  'mv',
  'rm',
  'rmdir',
  'timeout',
];
const TEXT = ['awk', 'cmp', 'find', 'grep', 'ls', 'sed', 'sha256sum', 'sleep', 'sort', 'stat', 'tail', 'tr', 'wc'];

const POSTGRES_COMMANDS = [
  ...COREUTILS,
  ...TEXT,
  ...['gpg', 'gpgconf', 'locale', 'tar'],
  ...['initdb', 'pg_amcheck', 'pg_ctl', 'pg_dump', 'pg_dumpall', 'pg_isready', 'pg_restore', 'psql'],
];

/** rclone 1.76 on Alpine: busybox, whose wget knows --post-file (Alpine main/busybox busyboxconfig), and rclone (rclone Dockerfile); any numeric user works. */
export const RCLONE_IMAGE: KnownImage = {
  image: ImageRef.of('rclone/rclone:1.76.0'),
  shell: true,
  uid: 1009,
  commands: [...COREUTILS, ...TEXT, 'rclone', 'wget'],
};

/** kubectl, curl, and jq 1.7 or later, which keeps large integers, on Alpine with a shell, which the distroless registry.k8s.io/kubectl lacks (alpine-docker multi-arch-docker-images). */
export const KUBECTL_IMAGE: KnownImage = {
  image: ImageRef.of('alpine/kubectl:1.34.1'),
  shell: true,
  uid: 65534,
  commands: [...COREUTILS, ...TEXT, 'base64', 'curl', 'jq', 'kubectl', 'od', 'wget'],
};

/** etcd's own image, of the minor version that Kubernetes 1.34 ships: three static binaries and no shell; root, because the keys of a control plane belong to root (etcd Dockerfile). */
export const ETCD_IMAGE: KnownImage = {
  image: ImageRef.of('quay.io/coreos/etcd:v3.6.6'),
  shell: false,
  uid: 0,
  commands: ['etcd', 'etcdctl', 'etcdutl'],
};

/** Pushgateway on busybox, user nobody (pushgateway Dockerfile); started by its own entrypoint. */
export const PUSHGATEWAY_IMAGE: KnownImage = {
  image: ImageRef.of('prom/pushgateway:v1.11.3'),
  shell: false,
  uid: 65534,
  commands: ['pushgateway'],
};

/** Official Debian images with client, server, gpg and tar (docker-library postgres Dockerfiles); user postgres is 999. */
const POSTGRES_TOOL_IMAGES: readonly (readonly [number, string])[] = [
  [15, 'postgres:15.18-bookworm'],
  [16, 'postgres:16.14-trixie'],
  [17, 'postgres:17.10-trixie'],
  [18, 'postgres:18.4-trixie'],
];

/** CloudNativePG's own images without Barman inside; the plugin brings it (cloudnative-pg/postgres-containers). */
const POSTGRES_OPERAND_IMAGES: readonly (readonly [number, string])[] = [
  [15, 'ghcr.io/cloudnative-pg/postgresql:15.18-standard-trixie'],
  [16, 'ghcr.io/cloudnative-pg/postgresql:16.14-standard-trixie'],
  [17, 'ghcr.io/cloudnative-pg/postgresql:17.10-standard-trixie'],
  [18, 'ghcr.io/cloudnative-pg/postgresql:18.4-standard-trixie'],
];

/** PostgreSQL major versions that the library has images for. */
export const POSTGRES_MAJOR_VERSIONS: readonly number[] = POSTGRES_TOOL_IMAGES.map(([major]) => major);

/** The image in which dumps, sealing and verification of a major version run, unless the config names another. */
export function postgresTools(majorVersion: number, override?: ImageRef): KnownImage {
  const image = override ?? ImageRef.of(referenceFor(POSTGRES_TOOL_IMAGES, majorVersion));
  return { image, shell: true, uid: 999, commands: POSTGRES_COMMANDS };
}

/** The image that seals where the asset's own image has no gpg: one that clusters with databases have already. */
export const TOOLS_IMAGE: KnownImage = postgresTools(17);

/** The operand image of a Cluster of a major version. */
export function postgresOperand(majorVersion: number): ImageRef {
  return ImageRef.of(referenceFor(POSTGRES_OPERAND_IMAGES, majorVersion));
}

function referenceFor(table: readonly (readonly [number, string])[], majorVersion: number): string {
  const entry = table.find(([major]) => major === majorVersion);
  if (entry === undefined) {
    throw new Error(
      `no image is known for PostgreSQL ${majorVersion}; known: ${table.map(([major]) => major).join(', ')}`,
    );
  }
  return entry[1];
}
