export type { EtcdProtectionProps } from './etcd-protection';
export { EtcdProtection, renderEtcd } from './etcd-protection';
export { ETCD_RESOURCES, ETCD_SCRIPTS } from './etcd-steps';
