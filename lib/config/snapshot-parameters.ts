/** CSI drivers whose snapshot parameters are known. */
export enum SnapshotDriver {
  AZURE_DISK = 'disk.csi.azure.com',
  AWS_EBS = 'ebs.csi.aws.com',
  GCE_PD = 'pd.csi.storage.gke.io',
}

/** Where a parameter breaks a rule of its driver. */
export interface ParameterMistake {
  /** The key as it was given. */
  readonly key: string;
  /** What is wrong and what is allowed. */
  readonly message: string;
  /** The nearest setting that works. */
  readonly fix: string;
}

/** One parameter: how its key is written, and what its value may be. */
interface Parameter {
  readonly key: string;
  readonly pattern?: RegExp;
  readonly allowed?: string;
}

interface Driver {
  readonly caseInsensitive: boolean;
  readonly parameters: readonly Parameter[];
}

/** The sidecar takes these out before a driver sees them (external-snapshotter pkg/utils). */
const SIDECAR_PREFIX = 'csi.storage.k8s.io/';

const BOOLEAN = { pattern: /^(true|false)$/, allowed: 'true or false' };

/** Tags as "k=v,k2=v2". */
const TAGS = { pattern: /^[^=,]+=[^,]*(,[^=,]+=[^,]*)*$/, allowed: 'k=v,k2=v2' };

/** Every driver answers an unknown key with an error at the first snapshot. */
const DRIVERS: Readonly<Record<string, Driver>> = {
  // azuredisk-csi-driver pkg/azuredisk/controllerserver.go and docs/driver-parameters.md
  [SnapshotDriver.AZURE_DISK]: {
    caseInsensitive: true,
    parameters: [
      { key: 'incremental', ...BOOLEAN },
      { key: 'resourceGroup' },
      { key: 'subscriptionID' },
      { key: 'tags' },
      { key: 'tagValueDelimiter' },
      { key: 'location', pattern: /^[a-z0-9]+$/, allowed: 'one region, e.g. eastus' },
      { key: 'userAgent' },
      { key: 'dataAccessAuthMode', pattern: /^(None|AzureActiveDirectory)$/, allowed: 'None or AzureActiveDirectory' },
      { key: 'networkAccessPolicy' },
      { key: 'publicNetworkAccess' },
      { key: 'instantAccessDurationMinutes', pattern: /^([6-9]\d|[12]\d\d|300)$/, allowed: '60 to 300' },
    ],
  },
  // aws-ebs-csi-driver docs/snapshot.md and pkg/driver/controller.go
  [SnapshotDriver.AWS_EBS]: {
    caseInsensitive: false,
    parameters: [
      { key: 'fastSnapshotRestoreAvailabilityZones' },
      { key: 'outpostArn' },
      { key: 'lockMode', pattern: /^(governance|compliance)$/, allowed: 'governance or compliance' },
      { key: 'lockDuration', pattern: /^[1-9]\d{0,4}$/, allowed: 'whole days' },
      {
        key: 'lockExpirationDate',
        pattern: /^\d{4}-\d\d-\d\dT/,
        allowed: 'a date and time, e.g. 2030-01-01T00:00:00Z',
      },
      { key: 'lockCoolOffPeriod', pattern: /^([1-9]|[1-6]\d|7[0-2])$/, allowed: '1 to 72 hours' },
    ],
  },
  // gcp-compute-persistent-disk-csi-driver pkg/parameters
  [SnapshotDriver.GCE_PD]: {
    caseInsensitive: true,
    parameters: [
      { key: 'storage-locations', pattern: /^[a-z0-9-]+$/, allowed: 'one region or multi-region' },
      { key: 'snapshot-type', pattern: /^(snapshots|images)$/, allowed: 'snapshots or images' },
      { key: 'image-family' },
      { key: 'labels', ...TAGS },
      { key: 'resource-tags' },
    ],
  },
};

/** EBS takes any number of tags, each under a key of its own. */
const EBS_TAG = /^tagSpecification_\d+$/;

/** What other people's keys are called here. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  'storage-locations': 'location',
  location: 'storage-locations',
};

/** Reads a parameter as its driver does: some do not care for case. */
export function snapshotParameter(
  driver: string,
  parameters: Readonly<Record<string, string>> | undefined,
  key: string,
): string | undefined {
  const same = matcher(driver);
  return Object.entries(parameters ?? {}).find(([name]) => same(name, key))?.[1];
}

/** Every parameter that a known driver refuses; a driver that is not known takes anything. */
export function parameterMistakes(driver: string, parameters: Readonly<Record<string, string>>): ParameterMistake[] {
  const known = DRIVERS[driver];
  return known === undefined
    ? []
    : [
        ...Object.entries(parameters).flatMap(([key, value]) => singleMistakes(driver, known, key, value)),
        ...(driver === SnapshotDriver.AZURE_DISK ? azureMistakes(parameters) : []),
        ...(driver === SnapshotDriver.AWS_EBS ? lockMistakes(parameters) : []),
      ];
}

function singleMistakes(driver: string, known: Driver, key: string, value: string): ParameterMistake[] {
  const same = matcher(driver);
  const tag = driver === SnapshotDriver.AWS_EBS && EBS_TAG.test(key);
  if (key.startsWith(SIDECAR_PREFIX) || tag) {
    return [];
  }
  const parameter = known.parameters.find((candidate) => same(candidate.key, key));
  if (parameter === undefined) {
    const names = known.parameters.map((candidate) => candidate.key);
    const other = OTHER_NAMES[key.toLowerCase()];
    return [
      {
        key,
        message: `is not a snapshot parameter of ${driver}, which would refuse every snapshot; allowed: ${names.join(', ')}`,
        fix: other !== undefined && names.includes(other) ? `use ${other}` : 'leave it out',
      },
    ];
  }
  return parameter.pattern === undefined || parameter.pattern.test(value)
    ? []
    : [{ key, message: `must be ${parameter.allowed}`, fix: `use ${parameter.allowed}` }];
}

/** Azure: a copy to another region is incremental; another subscription is not, and must be told where. */
function azureMistakes(parameters: Readonly<Record<string, string>>): ParameterMistake[] {
  const read = (key: string): string | undefined => snapshotParameter(SnapshotDriver.AZURE_DISK, parameters, key);
  const asGiven = (key: string): string =>
    Object.keys(parameters).find((name) => name.toLowerCase() === key.toLowerCase()) ?? key;
  const full = read('incremental') === 'false';
  const mistakes: ParameterMistake[] = [];
  if (read('location') !== undefined && full) {
    mistakes.push({
      key: asGiven('location'),
      message: 'needs incremental snapshots: only those are copied to another region',
      fix: 'leave out incremental',
    });
  }
  if (read('subscriptionID') !== undefined && (!full || read('resourceGroup') === undefined)) {
    mistakes.push({
      key: asGiven('subscriptionID'),
      message:
        'needs resourceGroup, and incremental "false": incremental snapshots stay in the subscription of their disk',
      fix: 'give both, or leave it out',
    });
  }
  return mistakes;
}

/** EBS: a lock has a mode and one end. */
function lockMistakes(parameters: Readonly<Record<string, string>>): ParameterMistake[] {
  const { lockMode, lockDuration, lockExpirationDate, lockCoolOffPeriod } = parameters;
  const mistakes: ParameterMistake[] = [];
  if (lockMode === undefined && (lockDuration ?? lockExpirationDate ?? lockCoolOffPeriod) !== undefined) {
    const key = lockDuration === undefined ? 'lockExpirationDate' : 'lockDuration';
    mistakes.push({ key, message: 'locks nothing without lockMode', fix: 'give lockMode governance or compliance' });
  }
  if (lockMode !== undefined && (lockDuration === undefined) === (lockExpirationDate === undefined)) {
    mistakes.push({
      key: 'lockMode',
      message: 'needs lockDuration or lockExpirationDate, and not both',
      fix: 'give lockDuration',
    });
  }
  if (lockCoolOffPeriod !== undefined && lockMode === 'governance') {
    mistakes.push({ key: 'lockCoolOffPeriod', message: 'is for lockMode compliance only', fix: 'leave it out' });
  }
  return mistakes;
}

function matcher(driver: string): (a: string, b: string) => boolean {
  return DRIVERS[driver]?.caseInsensitive === true ? (a, b) => a.toLowerCase() === b.toLowerCase() : (a, b) => a === b;
}
