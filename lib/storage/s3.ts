import type { S3Props } from '../config';
import { ServerSideEncryptionKind } from '../config';
import type { EnvironmentVariable, Remote, StoreDialect } from './dialect';
import { s3Lifecycle } from './s3-lifecycle';

/** Amazon S3 and compatible stores: access keys or IRSA (rclone docs s3; CNPG `s3Credentials`). */
export function s3Dialect(props: S3Props, remote: Remote): StoreDialect {
  const keys = props.accessKeys;
  const keyOf = (key: string): { secretName: string; key: string } => ({ secretName: keys?.secretName ?? '', key });
  const accessKeyId = keyOf(keys?.accessKeyId ?? 'access-key');
  const secretAccessKey = keyOf(keys?.secretAccessKey ?? 'secret-key');
  const region = keyOf(keys?.regionKey ?? 'region');
  const selector = (secret: { secretName: string; key: string }): object => ({
    name: secret.secretName,
    key: secret.key,
  });
  const service = props.endpoint ?? `https://s3.${props.region}.amazonaws.com`;
  return {
    name: props.bucket,
    location: `${service}/${props.bucket}`,
    failsWith: `the stores of ${service}`,
    secrets: keys === undefined ? [] : [accessKeyId, secretAccessKey, region],
    rcloneEnvironment: [
      { name: `RCLONE_CONFIG_${remote}_TYPE`, value: 's3' },
      { name: `RCLONE_CONFIG_${remote}_PROVIDER`, value: props.endpoint === undefined ? 'AWS' : 'Other' },
      { name: `RCLONE_CONFIG_${remote}_REGION`, value: props.region },
      ...(props.endpoint === undefined ? [] : [{ name: `RCLONE_CONFIG_${remote}_ENDPOINT`, value: props.endpoint }]),
      ...(keys === undefined
        ? [{ name: `RCLONE_CONFIG_${remote}_ENV_AUTH`, value: 'true' }]
        : [
            { name: `RCLONE_CONFIG_${remote}_ACCESS_KEY_ID`, secret: accessKeyId },
            { name: `RCLONE_CONFIG_${remote}_SECRET_ACCESS_KEY`, secret: secretAccessKey },
          ]),
      ...encryptionVariables(props, remote),
      { name: `RCLONE_CONFIG_${remote}_NO_CHECK_BUCKET`, value: 'true' },
    ],
    rcloneFiles: [],
    rcloneRoot: `${remote.toLowerCase()}:${props.bucket}`,
    serviceAccountAnnotations: props.iamRoleArn === undefined ? {} : { 'eks.amazonaws.com/role-arn': props.iamRoleArn },
    podLabels: {},
    peers: [],
    lifecycle: s3Lifecycle(props),
    barman: (path) => ({
      destinationPath: `s3://${props.bucket}/${path}`,
      ...(props.endpoint === undefined ? {} : { endpointUrl: props.endpoint }),
      credentials: {
        s3Credentials:
          keys === undefined
            ? { inheritFromIamRole: true }
            : {
                accessKeyId: selector(accessKeyId),
                secretAccessKey: selector(secretAccessKey),
                region: selector(region),
              },
      },
      ...(props.serverSideEncryption === undefined ? {} : { encryption: props.serverSideEncryption.kind }),
      extraArguments:
        props.serverSideEncryption?.key === undefined ? [] : [`--sse-kms-key-id=${props.serverSideEncryption.key}`],
      environment: props.endpoint === undefined ? [] : COMPATIBLE_CHECKSUMS,
    }),
  };
}

/** Compatible stores reject the checksums that newer AWS SDKs send by default (plugin-barman-cloud docs, object stores). */
const COMPATIBLE_CHECKSUMS: EnvironmentVariable[] = [
  { name: 'AWS_REQUEST_CHECKSUM_CALCULATION', value: 'when_required' },
  { name: 'AWS_RESPONSE_CHECKSUM_VALIDATION', value: 'when_required' },
];

function encryptionVariables(props: S3Props, remote: Remote): EnvironmentVariable[] {
  const encryption = props.serverSideEncryption;
  if (encryption === undefined) {
    return [];
  }
  const kind = { name: `RCLONE_CONFIG_${remote}_SERVER_SIDE_ENCRYPTION`, value: encryption.kind };
  return encryption.kind === ServerSideEncryptionKind.AWS_KMS && encryption.key !== undefined
    ? [kind, { name: `RCLONE_CONFIG_${remote}_SSE_KMS_KEY_ID`, value: encryption.key }]
    : [kind];
}
