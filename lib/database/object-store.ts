import { Construct } from 'constructs';
import { ObjectStore } from '../../imports/barmancloud.cnpg.io';
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
}

/** The Barman Cloud ObjectStore of one database. */
export class DatabaseObjectStore extends Construct {
  public constructor(scope: Construct, id: string, props: DatabaseObjectStoreProps) {
    super(scope, id);
    const { defaults, plan } = props;
    const { archive } = plan;
    const barman = dialectOf(props.storage).barman(plan.path);
    const encryption = barman.encryption === undefined ? {} : { encryption: barman.encryption as never };
    const hasArguments = barman.extraArguments.length > 0;
    new ObjectStore(this, 'Resource', {
      metadata: {
        name: archive.objectStoreName,
        namespace: defaults.namespace,
        labels: labelsFor(defaults, archive.objectStoreName, 'archive'),
        annotations: argoAnnotations(defaults, SyncWave.PREREQUISITE, true),
      },
      spec: {
        retentionPolicy: `${archive.retentionDays}d`,
        configuration: {
          destinationPath: barman.destinationPath,
          endpointUrl: barman.endpointUrl,
          ...barman.credentials,
          wal: {
            compression: archive.walCompression as never,
            maxParallel: archive.maxParallel,
            ...encryption,
            ...(hasArguments ? { archiveAdditionalCommandArgs: barman.extraArguments } : {}),
          },
          data: {
            // Without it a base backup waits for the spread checkpoint, up to checkpoint_timeout, before it even starts.
            immediateCheckpoint: true,
            jobs: 2,
            ...encryption,
            ...(hasArguments ? { additionalCommandArgs: barman.extraArguments } : {}),
          },
        },
        instanceSidecarConfiguration: {
          env: barman.environment.map(({ name, value }) => ({ name, value })),
          resources: {
            requests: { cpu: '100m' as never, memory: '256Mi' as never },
            limits: { memory: '1Gi' as never },
          },
        },
      },
    });
  }
}
