/** One key of a Secret that exists in the cluster; its content never enters a manifest. */
export interface SecretKey {
  /** Name of the Secret, in the namespace of the asset that uses it. */
  readonly secretName: string;
  /** Key inside the Secret. */
  readonly key: string;
}
