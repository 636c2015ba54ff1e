import type { GcsProps } from '../config';
import type { StoreDialect } from './dialect';
import { gcsLifecycle } from './gcs-lifecycle';

const KEY_FILE = '/store/credentials.json';

/** Google Cloud Storage: key file or GKE workload identity (rclone docs googlecloudstorage; CNPG `googleCredentials`). */
export function gcsDialect(props: GcsProps): StoreDialect {
  const key = props.serviceAccountKey;
  return {
    secrets: key === undefined ? [] : [key],
    rcloneEnvironment: [
      { name: 'RCLONE_CONFIG_STORE_TYPE', value: 'google cloud storage' },
      key === undefined
        ? { name: 'RCLONE_CONFIG_STORE_ENV_AUTH', value: 'true' }
        : { name: 'RCLONE_CONFIG_STORE_SERVICE_ACCOUNT_FILE', value: KEY_FILE },
      // Buckets with uniform access refuse object ACLs.
      { name: 'RCLONE_CONFIG_STORE_BUCKET_POLICY_ONLY', value: 'true' },
      { name: 'RCLONE_CONFIG_STORE_NO_CHECK_BUCKET', value: 'true' },
    ],
    rcloneFiles: key === undefined ? [] : [{ secret: key, path: KEY_FILE }],
    rcloneRoot: `store:${props.bucket}`,
    serviceAccountAnnotations:
      props.workloadIdentity === undefined ? {} : { 'iam.gke.io/gcp-service-account': props.workloadIdentity },
    podLabels: {},
    // GKE's metadata server, which hands out the tokens of workload identity (GKE docs, network policy).
    peers:
      key === undefined
        ? [
            { cidr: '169.254.169.254/32', port: 80 },
            { cidr: '169.254.169.252/32', port: 988 },
          ]
        : [],
    lifecycle: gcsLifecycle(props),
    barman: (path) => ({
      destinationPath: `gs://${props.bucket}/${path}`,
      credentials: {
        googleCredentials:
          key === undefined
            ? { gkeEnvironment: true }
            : { applicationCredentials: { name: key.secretName, key: key.key } },
      },
      extraArguments:
        props.serverSideEncryption?.key === undefined ? [] : [`--kms-key-name=${props.serverSideEncryption.key}`],
      environment: [],
    }),
  };
}
