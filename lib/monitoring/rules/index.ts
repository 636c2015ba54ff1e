export { renderRules } from './rules';
