export type { LifecyclePolicyProps } from './lifecycle-policy';
export { LifecyclePolicy, renderLifecycle } from './lifecycle-policy';
