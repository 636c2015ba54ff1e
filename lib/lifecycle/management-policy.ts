import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import type { AzureServiceOperatorConfig } from '../config';
import { DEFAULTS } from '../config';

/** The storage account that a policy belongs to (azure-service-operator `KnownResourceReference`). */
export interface ManagementPolicyOwner {
  /**
   * Name of a StorageAccount object in the same namespace.
   * @default - `armId` is given
   */
  readonly name?: string;
  /**
   * ARM id of the account.
   * @default - `name` is given
   */
  readonly armId?: string;
}

/** Spec of a StorageAccountsManagementPolicy (azure-service-operator v2/samples/storage, `storage.azure.com`); one exists per account. */
export interface ManagementPolicySpec {
  /** The storage account. */
  readonly owner: ManagementPolicyOwner;
  /** The policy, in the words of ARM: `{ rules: [...] }`. */
  readonly policy: object;
}

/** What a policy object needs. */
export interface ManagementPolicyProps {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
  readonly operator: AzureServiceOperatorConfig;
  /** The policy in Azure's JSON. */
  readonly policy: object;
}

/** Adds the object by which Azure Service Operator applies a policy. */
export function addManagementPolicy(scope: Construct, id: string, props: ManagementPolicyProps): void {
  const { name, namespace, labels, annotations, operator, policy } = props;
  const owner: ManagementPolicyOwner =
    operator.ownerName === undefined ? { armId: operator.ownerArmId } : { name: operator.ownerName };
  const spec: ManagementPolicySpec = { owner, policy };
  new ApiObject(scope, id, {
    apiVersion: operator.apiVersion ?? DEFAULTS.lifecycle.azureServiceOperatorVersion,
    kind: 'StorageAccountsManagementPolicy',
    metadata: { name, namespace, labels, annotations },
    spec,
  });
}
