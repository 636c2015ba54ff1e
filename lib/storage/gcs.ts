import type { GcsProps } from '../config';
import type { Remote, StoreDialect } from './dialect';
import { gcsLifecycle } from './gcs-lifecycle';

/** Google Cloud Storage: key file or GKE workload identity (rclone docs googlecloudstorage; CNPG `googleCredentials`). */
export function gcsDialect(props: GcsProps, remote: Remote): StoreDialect {
  const key = props.serviceAccountKey;
  const keyFile = `/${remote.toLowerCase()}/credentials.json`;
  const location = `gs://${props.bucket}`;
  return {
    name: props.bucket,
    location,
    failsWith: `bucket ${props.bucket}`,
    secrets: key === undefined ? [] : [key],
    rcloneEnvironment: [
      { name: `RCLONE_CONFIG_${remote}_TYPE`, value: 'google cloud storage' },
      key === undefined
        ? { name: `RCLONE_CONFIG_${remote}_ENV_AUTH`, value: 'true' }
        : { name: `RCLONE_CONFIG_${remote}_SERVICE_ACCOUNT_FILE`, value: keyFile },
      // Buckets with uniform access refuse object ACLs.
      { name: `RCLONE_CONFIG_${remote}_BUCKET_POLICY_ONLY`, value: 'true' },
      { name: `RCLONE_CONFIG_${remote}_NO_CHECK_BUCKET`, value: 'true' },
    ],
    rcloneFiles: key === undefined ? [] : [{ secret: key, path: keyFile }],
    rcloneRoot: `${remote.toLowerCase()}:${props.bucket}`,
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
      destinationPath: `${location}/${path}`,
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
