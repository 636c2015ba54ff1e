export { renderSignals } from './signals';
