export { PROBE_SCRIPTS, renderProbe } from './store-probe';
