export * from './charts';
export * from './cli';
export * from './config';
export type { ConfigurationProtectionProps } from './configuration';
export { ConfigurationProtection } from './configuration';
export type { PostgresProtectionProps } from './database';
export { PostgresProtection } from './database';
export * from './plan';
export * from './schedule';
