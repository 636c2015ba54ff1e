export { planTable } from './plan-table';
export { synthesize } from './synthesize';
