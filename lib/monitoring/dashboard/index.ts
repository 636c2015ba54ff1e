export { renderDashboard } from './dashboard';
