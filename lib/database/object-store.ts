import { Construct } from 'constructs';
import {
  ObjectStoreSpecInstanceSidecarConfigurationResourcesLimits as Limit,
  ObjectStore,
  type ObjectStoreSpecConfigurationDataEncryption,
  type ObjectStoreSpecConfigurationWalCompression,
  type ObjectStoreSpecConfigurationWalEncryption,
  ObjectStoreSpecInstanceSidecarConfigurationResourcesRequests as Request,
} from '../../imports/barmancloud.cnpg.io';
import type { ObjectStorage } from '../config';
import type { ObjectDefaults } from '../k8s';
import { argoAnnotations, labelsFor, SyncWave } from '../k8s';
import type { DatabasePlan } from '../plan';
import { dialectOf } from '../storage';

/** Where a database's WAL and base backups are archived by the Barman Cloud plugin. */
export interface DatabaseObjectStoreProps {
  readonly defaults: ObjectDefaults;
  readonly plan: DatabasePlan;
  readonly storage: ObjectStorage;
  /**
   * Whether it is for reading: nothing is ever deleted through it.
   * @default false
   */
  readonly readOnly?: boolean;
}

/** The Barman Cloud ObjectStore of one database. */
export class DatabaseObjectStore extends Construct {
  public constructor(scope: Construct, id: string, props: DatabaseObjectStoreProps) {
    super(scope, id);
    const { defaults, plan } = props;
    const { archive } = plan;
    const barman = dialectOf(props.storage).barman(plan.path);
    const hasArguments = barman.extraArguments.length > 0;
    new ObjectStore(this, 'Resource', {
      metadata: {
        name: archive.objectStoreName,
        namespace: defaults.namespace,
        labels: labelsFor(defaults, archive.objectStoreName, 'archive'),
        annotations: argoAnnotations(defaults, SyncWave.PREREQUISITE, true),
      },
      spec: {
        ...(props.readOnly === true ? {} : { retentionPolicy: `${archive.retentionDays}d` }),
        configuration: {
          destinationPath: barman.destinationPath,
          endpointUrl: barman.endpointUrl,
          ...barman.credentials,
          wal: {
            compression: archive.walCompression as ObjectStoreSpecConfigurationWalCompression,
            maxParallel: archive.maxParallel,
            encryption: barman.encryption as ObjectStoreSpecConfigurationWalEncryption | undefined,
            ...(hasArguments ? { archiveAdditionalCommandArgs: barman.extraArguments } : {}),
          },
          data: {
            // Without it a base backup waits for the spread checkpoint, up to checkpoint_timeout, before it even starts.
            immediateCheckpoint: true,
            jobs: 2,
            encryption: barman.encryption as ObjectStoreSpecConfigurationDataEncryption | undefined,
            ...(hasArguments ? { additionalCommandArgs: barman.extraArguments } : {}),
          },
        },
        instanceSidecarConfiguration: {
          ...(barman.environment.length === 0
            ? {}
            : { env: barman.environment.map(({ name, value }) => ({ name, value })) }),
          resources: {
            requests: { cpu: Request.fromString('100m'), memory: Request.fromString('256Mi') },
            limits: { memory: Limit.fromString('1Gi') },
          },
        },
      },
    });
  }
}
