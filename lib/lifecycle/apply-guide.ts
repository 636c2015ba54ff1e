import type { LifecyclePlan } from '../plan';
import type { LifecycleDialect } from '../storage';

/** How `lifecycle.json` is applied, and what its rules mean, for whoever finds the ConfigMap. */
export function applyGuide(plan: LifecyclePlan, dialect: LifecycleDialect): string {
  const applied =
    plan.azureServiceOperator === undefined
      ? 'This ConfigMap applies nothing by itself. Apply it after every change:'
      : `Azure Service Operator applies the same rules from StorageAccountsManagementPolicy ${plan.name}. By hand it is:`;
  return [
    `# Lifecycle rules of ${dialect.scope}`,
    '',
    applied,
    '',
    `    kubectl get configmap ${plan.name} --namespace ${plan.namespace} --output jsonpath='{.data.lifecycle\\.json}' > lifecycle.json`,
    `    ${dialect.showCommand}`,
    `    ${dialect.applyCommand}`,
    '',
    `The last command replaces ALL rules of the ${dialect.scope}, those of other teams too: look at what the second one`,
    `prints first. It takes ${dialect.right}.`,
    '',
    '## Rules',
    '',
    ...plan.rules.map(({ name, reason }) => `- ${name}: ${reason}`),
    '',
  ].join('\n');
}
