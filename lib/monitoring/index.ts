export type { MonitoringProps } from './monitoring';
export { Monitoring, renderMonitoring } from './monitoring';
