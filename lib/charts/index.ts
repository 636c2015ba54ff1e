export { DisasterRecovery } from './disaster-recovery';
