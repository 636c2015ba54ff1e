import {
  ETCD_IMAGE,
  type KnownImage,
  KUBECTL_IMAGE,
  PUSHGATEWAY_IMAGE,
  postgresOperand,
  postgresTools,
  RCLONE_IMAGE,
} from '../../lib/config/images';
import { VERSIONS } from './versions';

/** The PostgreSQL version that the proving ground has images of. */
export const POSTGRES_MAJOR = 17;

/** An image of the proving ground: the production name, and what goes in. What the real image lacks, this one lacks. */
export interface ImageRecipe {
  /** The name in manifests. */
  readonly reference: string;
  /** Debian packages of the root file system; without any, the image holds just the binaries below. */
  readonly debian?: readonly string[];
  /** Shell commands run in Debian's root file system. */
  readonly setUp?: readonly string[];
  /** Commands that busybox stands for, as in images based on Alpine. */
  readonly busybox?: readonly string[];
  /** Debian packages that are only unpacked beside busybox, with their libraries. */
  readonly unpacked?: readonly string[];
  /** Path in the image, and the Go binary that is put there. */
  readonly binaries?: Readonly<Record<string, string>>;
  /** Packages from PyPI, in a virtual environment at /venv. */
  readonly python?: readonly string[];
  /** What the image's config says. */
  readonly config: {
    readonly User?: string;
    readonly Env?: readonly string[];
    readonly Entrypoint?: readonly string[];
    readonly WorkingDir?: string;
  };
}

const DEBIAN_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const POSTGRES = [`postgresql-${POSTGRES_MAJOR}`, 'gnupg', 'zstd', 'xz-utils', 'ca-certificates'];
const POSTGRES_PATH = `PATH=${DEBIAN_PATH}:/usr/lib/postgresql/${POSTGRES_MAJOR}/bin`;

/** Every image that runs in the proving ground. */
export const IMAGES = {
  pause: {
    reference: 'registry.k8s.io/pause:3.10.1',
    busybox: ['sleep'],
    config: { Entrypoint: ['/bin/sleep', '2147483647'] },
  },
  postgres: {
    reference: postgresTools(POSTGRES_MAJOR).image.reference,
    debian: POSTGRES,
    // docker-library's image gives user postgres this id.
    setUp: ['groupmod -g 999 postgres', 'usermod -u 999 -g 999 -d /var/lib/postgresql postgres'],
    config: { Env: [POSTGRES_PATH, 'LANG=C.UTF-8', 'PGDATA=/var/lib/postgresql/data'] },
  },
  operand: {
    reference: postgresOperand(POSTGRES_MAJOR).reference,
    debian: POSTGRES,
    // The operator runs instances as this user.
    setUp: ['usermod -u 26 postgres'],
    config: { User: '26', Env: [POSTGRES_PATH, 'LANG=C.UTF-8'] },
  },
  rclone: {
    reference: RCLONE_IMAGE.image.reference,
    busybox: externalCommands(RCLONE_IMAGE, 'rclone'),
    binaries: { '/usr/local/bin/rclone': 'rclone' },
    config: { Entrypoint: ['rclone'], WorkingDir: '/data', Env: [`PATH=${DEBIAN_PATH}`, 'XDG_CONFIG_HOME=/config'] },
  },
  kubectl: {
    reference: KUBECTL_IMAGE.image.reference,
    busybox: externalCommands(KUBECTL_IMAGE, 'kubectl', 'jq', 'curl'),
    unpacked: ['jq', 'curl'],
    binaries: { '/usr/local/bin/kubectl': 'kubectl' },
    config: { Entrypoint: ['kubectl'], Env: [`PATH=${DEBIAN_PATH}`] },
  },
  etcd: {
    reference: ETCD_IMAGE.image.reference,
    binaries: Object.fromEntries(ETCD_IMAGE.commands.map((name) => [`/usr/local/bin/${name}`, name])),
    config: { Entrypoint: ['/usr/local/bin/etcd'], Env: [`PATH=${DEBIAN_PATH}`] },
  },
  pushgateway: {
    reference: PUSHGATEWAY_IMAGE.image.reference,
    binaries: { '/bin/pushgateway': 'pushgateway' },
    config: { User: '65534', Entrypoint: ['/bin/pushgateway'], WorkingDir: '/pushgateway' },
  },
  prometheus: {
    reference: 'quay.io/prometheus/prometheus:v3.16.0',
    binaries: { '/bin/prometheus': 'prometheus', '/bin/promtool': 'promtool' },
    config: { User: '65534', Entrypoint: ['/bin/prometheus'], Env: ['PATH=/bin'] },
  },
  kubeStateMetrics: {
    reference: `registry.k8s.io/kube-state-metrics/kube-state-metrics:${VERSIONS.kubeStateMetrics}`,
    binaries: { '/kube-state-metrics': 'kube-state-metrics' },
    config: { User: '65534', Entrypoint: ['/kube-state-metrics'] },
  },
  operator: {
    reference: `ghcr.io/cloudnative-pg/cloudnative-pg:${VERSIONS.cloudNativePg.slice(1)}`,
    // Instances copy the binary of their own architecture out of the operator's image.
    binaries: { '/manager': 'cnpg-manager', '/operator/manager_amd64': 'cnpg-manager' },
    config: { User: '10001', WorkingDir: '/', Entrypoint: ['/manager'] },
  },
  plugin: {
    reference: `ghcr.io/cloudnative-pg/plugin-barman-cloud:${VERSIONS.barmanPlugin}`,
    binaries: { '/manager': 'plugin-manager' },
    config: { User: '10001:10001', Entrypoint: ['/manager'] },
  },
  sidecar: {
    reference: `ghcr.io/cloudnative-pg/plugin-barman-cloud-sidecar:${VERSIONS.barmanPlugin}`,
    debian: ['python3', 'python3-venv', 'python3-psycopg2', 'ca-certificates'],
    setUp: ['useradd -u 26 postgres'],
    python: [`barman[azure,google,zstandard,lz4]==${VERSIONS.barman}`, 'boto3'],
    binaries: { '/manager': 'plugin-manager' },
    config: {
      User: '26:26',
      Entrypoint: ['/manager'],
      // Python's HTTP library brings certificates of its own.
      Env: [
        `PATH=/venv/bin:${DEBIAN_PATH}`,
        'REQUESTS_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt',
        'AWS_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt',
      ],
    },
  },
} satisfies Record<string, ImageRecipe>;

/** Busybox stands for the commands that the library lets scripts call, and for no others; the shell comes with it. */
function externalCommands(image: KnownImage, ...ownBinaries: string[]): string[] {
  return ['sh', ...image.commands.filter((command) => !ownBinaries.includes(command))];
}
