export type { ConfigurationProtectionProps } from './configuration-protection';
export { ConfigurationProtection, renderConfiguration } from './configuration-protection';
export { CONFIGURATION_SCRIPTS } from './export-steps';
