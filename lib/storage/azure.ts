import type { AzureBlobProps } from '../config';
import { azureLifecycle } from './azure-lifecycle';
import type { EnvironmentVariable, Remote, StoreDialect } from './dialect';

/** Azure Blob Storage: account key, SAS or workload identity (rclone docs azureblob; CNPG `azureCredentials`). */
export function azureDialect(props: AzureBlobProps, remote: Remote): StoreDialect {
  const host = `https://${props.account}.blob.core.windows.net`;
  const credential = credentialOf(props, host, remote);
  return {
    name: `${props.account}-${props.container}`,
    location: `${host}/${props.container}`,
    failsWith: `storage account ${props.account}`,
    secrets: credential.secrets,
    rcloneEnvironment: [
      { name: `RCLONE_CONFIG_${remote}_TYPE`, value: 'azureblob' },
      ...credential.rclone,
      // Least-privilege credentials may not create containers, and a typo must fail instead of making one.
      { name: `RCLONE_CONFIG_${remote}_NO_CHECK_CONTAINER`, value: 'true' },
    ],
    rcloneFiles: [],
    rcloneRoot: `${remote.toLowerCase()}:${props.container}`,
    serviceAccountAnnotations:
      props.workloadIdentity === undefined
        ? {}
        : { 'azure.workload.identity/client-id': props.workloadIdentity.clientId },
    podLabels: props.workloadIdentity === undefined ? {} : { 'azure.workload.identity/use': 'true' },
    peers: [],
    lifecycle: azureLifecycle(props),
    barman: (path) => ({
      destinationPath: `${host}/${props.container}/${path}`,
      credentials: { azureCredentials: credential.barman },
      extraArguments:
        props.serverSideEncryption?.key === undefined ? [] : [`--encryption-scope=${props.serverSideEncryption.key}`],
      environment: [],
    }),
  };
}

interface AzureCredential {
  readonly secrets: { secretName: string; key: string }[];
  readonly rclone: EnvironmentVariable[];
  readonly barman: object;
}

function credentialOf(props: AzureBlobProps, host: string, remote: Remote): AzureCredential {
  const account: EnvironmentVariable = { name: `RCLONE_CONFIG_${remote}_ACCOUNT`, value: props.account };
  if (props.accountKey !== undefined) {
    const { secretName } = props.accountKey;
    const accountName = { secretName, key: props.accountKey.accountKey ?? 'storage-account' };
    const storageKey = { secretName, key: props.accountKey.storageKey ?? 'storage-key' };
    return {
      secrets: [accountName, storageKey],
      rclone: [account, { name: `RCLONE_CONFIG_${remote}_KEY`, secret: storageKey }],
      barman: { storageAccount: selector(accountName), storageKey: selector(storageKey) },
    };
  }
  if (props.sasToken !== undefined) {
    const { secretName } = props.sasToken;
    const accountName = { secretName, key: props.sasToken.accountKey ?? 'storage-account' };
    const token = { secretName, key: props.sasToken.sasKey ?? 'sas-token' };
    return {
      secrets: [accountName, token],
      rclone: [
        { name: `${remote}_SAS_TOKEN`, secret: token },
        { name: `RCLONE_CONFIG_${remote}_SAS_URL`, value: `${host}/${props.container}?$(${remote}_SAS_TOKEN)` },
      ],
      barman: { storageAccount: selector(accountName), storageSasToken: selector(token) },
    };
  }
  return {
    secrets: [],
    rclone: [account, { name: `RCLONE_CONFIG_${remote}_ENV_AUTH`, value: 'true' }],
    barman: { inheritFromAzureAd: true },
  };
}

function selector(secret: { secretName: string; key: string }): object {
  return { name: secret.secretName, key: secret.key };
}
