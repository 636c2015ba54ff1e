export * from './charts';
export * from './cli';
export * from './config';
export type { PostgresProtectionProps } from './database';
export { PostgresProtection } from './database';
export type { LifecyclePolicyProps } from './lifecycle';
export { LifecyclePolicy } from './lifecycle';
export * from './plan';
export * from './schedule';
