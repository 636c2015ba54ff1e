import { join } from 'node:path';
import type { Encryption, KnownImage } from '../config';
import { postgresTools, RCLONE_IMAGE, SealMethod } from '../config';
import type { Step, StepResources } from '../k8s';
import { sharedScript } from '../k8s';
import type { DatabasePlan, DumpPlan, DumpTierPlan, RecoveryPlan } from '../plan';
import { BASIC_AUTH_KEYS } from '../plan';
import type { EnvironmentVariable, SecretFile } from '../storage';
import { dialectOf } from '../storage';

/** Port of CloudNativePG's services and pods (cloudnative-pg pkg/postgres). */
export const POSTGRES_PORT = 5432;

const CA_PATH = '/postgres-ca/ca.crt';
const PASSPHRASE_PATH = '/seal/passphrase';
const PUBLIC_KEY_PATH = '/seal/public.asc';
const PRIVATE_KEY_PATH = '/unseal/private.asc';
const CHECKS_PATH = '/checks';

const STORE_RESOURCES: StepResources = {
  cpuRequest: '100m',
  cpuLimit: '2',
  memoryRequest: '256Mi',
  memoryLimit: '1Gi',
};
const DUMP_RESOURCES: StepResources = { cpuRequest: '250m', cpuLimit: '2', memoryRequest: '256Mi', memoryLimit: '1Gi' };
const RESTORE_RESOURCES: StepResources = {
  cpuRequest: '500m',
  cpuLimit: '4',
  memoryRequest: '512Mi',
  memoryLimit: '2Gi',
};

/** rclone's patience; the job's own deadline ends what these do not. */
const RCLONE_PATIENCE: EnvironmentVariable[] = [
  { name: 'RCLONE_CONFIG', value: '/dev/null' },
  { name: 'RCLONE_CONTIMEOUT', value: '30s' },
  { name: 'RCLONE_TIMEOUT', value: '2m' },
  { name: 'RCLONE_RETRIES', value: '3' },
  { name: 'RCLONE_LOW_LEVEL_RETRIES', value: '5' },
];

/** Every script that jobs of a database run or source. */
export const DATABASE_SCRIPTS: readonly string[] = [
  ...[
    'common.sh',
    'fetch-latest.sh',
    'marker.sh',
    'prune.sh',
    'seal.sh',
    'ship-report.sh',
    'ship.sh',
    'store.sh',
    'unseal.sh',
  ].map(sharedScript),
  ...['dump.sh', 'report.sh', 'verify.sh'].map((name) => join(__dirname, 'scripts', name)),
];

/** Builds the steps of a database's jobs from its plan. */
export class JobSteps {
  private readonly postgres: KnownImage;
  private readonly rclone: KnownImage;

  public constructor(
    private readonly site: RecoveryPlan,
    private readonly database: DatabasePlan,
    private readonly dumps: DumpPlan,
  ) {
    this.postgres = postgresTools(database.majorVersion, dumps.image);
    this.rclone = { ...RCLONE_IMAGE, image: site.rcloneImage };
  }

  /** User that every step of a pod runs as: PostgreSQL's, since only its tools are particular about it. */
  public get uid(): number {
    return this.postgres.uid;
  }

  /** Capture, seal, ship. */
  public dump(tier: DumpTierPlan): Step[] {
    return [
      this.postgresStep(
        'capture',
        'dump.sh',
        DUMP_RESOURCES,
        [...this.connection(), ...this.dumpOptions()],
        this.serverCa(),
      ),
      this.postgresStep(
        'seal',
        'seal.sh',
        DUMP_RESOURCES,
        [
          { name: 'ASSET', value: this.database.name },
          { name: 'TIER', value: tier.name },
          ...sealVariables(this.site.encryption),
        ],
        sealFiles(this.site.encryption),
      ),
      this.storeStep('ship', 'ship.sh', [{ name: 'KEY_PREFIX', value: tier.prefix }]),
    ];
  }

  /** Fetch, unseal, restore and check, report. */
  public verify(checksName: string): Step[] {
    const { verification } = this.dumps;
    const restore = this.postgresStep('verify', 'verify.sh', RESTORE_RESOURCES, [
      { name: 'CHECKS_DIR', value: CHECKS_PATH },
      { name: 'CORRUPTION_CHECK', value: String(verification.corruptionCheck) },
      { name: 'VERIFY_JOBS', value: String(this.dumps.parallelJobs) },
    ]);
    return [
      this.storeStep('fetch', 'fetch-latest.sh', [
        { name: 'TIERS', value: this.dumps.tiers.map((tier) => `${tier.prefix}=${tier.run.worstCaseLoss}`).join(' ') },
      ]),
      this.postgresStep(
        'unseal',
        'unseal.sh',
        DUMP_RESOURCES,
        unsealVariables(this.site.encryption),
        unsealFiles(this.site.encryption),
      ),
      { ...restore, configMaps: { [CHECKS_PATH]: checksName } },
      this.storeStep('report', 'ship-report.sh', [{ name: 'KEY_PREFIX', value: verification.reportPrefix }]),
    ];
  }

  /** Removal of what is expired. */
  public prune(): Step[] {
    const rules = this.dumps.tiers.map((tier) => `${tier.prefix}=${tier.keepSeconds}:${tier.keepAtLeast}`);
    return [
      this.storeStep('prune', 'prune.sh', [
        { name: 'ABANDONED_AFTER_SECONDS', value: String(this.dumps.prune.abandonedAfter) },
        { name: 'RULES', value: rules.join(' ') },
      ]),
    ];
  }

  private connection(): EnvironmentVariable[] {
    const { name, namespace, database } = this.database;
    const secretName = this.dumps.secretName;
    return [
      { name: 'PGHOST', value: `${name}-rw.${namespace}.svc.cluster.local` },
      { name: 'PGPORT', value: String(POSTGRES_PORT) },
      { name: 'PGDATABASE', value: database },
      { name: 'PGUSER', secret: { secretName, key: BASIC_AUTH_KEYS.username } },
      { name: 'PGPASSWORD', secret: { secretName, key: BASIC_AUTH_KEYS.password } },
      { name: 'PGSSLMODE', value: 'verify-full' },
      { name: 'PGSSLROOTCERT', value: CA_PATH },
      { name: 'PGCONNECT_TIMEOUT', value: '30' },
    ];
  }

  private dumpOptions(): EnvironmentVariable[] {
    return [
      { name: 'DUMP_COMPRESSION', value: this.dumps.compression },
      { name: 'DUMP_JOBS', value: String(this.dumps.parallelJobs) },
    ];
  }

  /** CloudNativePG keeps the authority of its server certificates in `<cluster>-ca`. */
  private serverCa(): SecretFile[] {
    return [{ secret: { secretName: `${this.database.name}-ca`, key: 'ca.crt' }, path: CA_PATH }];
  }

  private postgresStep(
    name: string,
    script: string,
    resources: StepResources,
    environment: EnvironmentVariable[],
    files: SecretFile[] = [],
  ): Step {
    return { name, image: this.postgres, script, environment, files, resources };
  }

  private storeStep(name: string, script: string, environment: EnvironmentVariable[]): Step {
    const { rcloneEnvironment, rcloneFiles, rcloneRoot } = dialectOf(this.site.storage);
    return {
      name,
      image: this.rclone,
      script,
      environment: [{ name: 'STORE', value: rcloneRoot }, ...environment, ...RCLONE_PATIENCE, ...rcloneEnvironment],
      files: rcloneFiles,
      resources: STORE_RESOURCES,
    };
  }
}

function sealVariables(encryption: Encryption): EnvironmentVariable[] {
  const files: Record<SealMethod, EnvironmentVariable[]> = {
    [SealMethod.NONE]: [],
    [SealMethod.PASSPHRASE]: [{ name: 'SEAL_PASSPHRASE_FILE', value: PASSPHRASE_PATH }],
    [SealMethod.RECIPIENT]: [{ name: 'SEAL_PUBLIC_KEY_FILE', value: PUBLIC_KEY_PATH }],
  };
  return [{ name: 'SEAL_METHOD', value: encryption.method }, ...files[encryption.method]];
}

function unsealVariables(encryption: Encryption): EnvironmentVariable[] {
  const files: Record<SealMethod, EnvironmentVariable[]> = {
    [SealMethod.NONE]: [],
    [SealMethod.PASSPHRASE]: [{ name: 'SEAL_PASSPHRASE_FILE', value: PASSPHRASE_PATH }],
    [SealMethod.RECIPIENT]: [{ name: 'SEAL_PRIVATE_KEY_FILE', value: PRIVATE_KEY_PATH }],
  };
  return [{ name: 'SEAL_METHOD', value: encryption.method }, ...files[encryption.method]];
}

function sealFiles(encryption: Encryption): SecretFile[] {
  const { passphraseSecret, recipientKeys } = encryption;
  return [
    ...(passphraseSecret === undefined ? [] : [{ secret: passphraseSecret, path: PASSPHRASE_PATH }]),
    ...(recipientKeys === undefined ? [] : [{ secret: recipientKeys.publicKey, path: PUBLIC_KEY_PATH }]),
  ];
}

function unsealFiles(encryption: Encryption): SecretFile[] {
  const { passphraseSecret, recipientKeys } = encryption;
  return [
    ...(passphraseSecret === undefined ? [] : [{ secret: passphraseSecret, path: PASSPHRASE_PATH }]),
    ...(recipientKeys === undefined ? [] : [{ secret: recipientKeys.privateKey, path: PRIVATE_KEY_PATH }]),
  ];
}
