import { ApiObject, type App, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import type { DisasterRecoveryConfig } from '../config';
import { renderConfiguration } from '../configuration';
import { renderDatabase } from '../database';
import { renderEtcd } from '../etcd';
import type { RecoveryPlan } from '../plan';
import { planRecovery } from '../plan';

/** Turns one config into charts: few charts, each a file in the output folder. */
export class DisasterRecovery {
  /**
   * Plans a config and adds its charts to an app. Nothing is added when it throws.
   * Throws `DisasterRecoveryError` with every problem and unmet objective at once.
   */
  public static addTo(app: App, config: DisasterRecoveryConfig): RecoveryPlan {
    const plan = planRecovery(config);
    if (plan.databases.length > 0) {
      const chart = new Chart(app, 'database');
      for (const database of plan.databases) {
        renderDatabase(new Construct(chart, `${database.namespace}-${database.name}`), plan, database);
      }
    }
    if (plan.etcd !== undefined) {
      renderEtcd(new Chart(app, 'etcd'), plan, plan.etcd);
    }
    if (plan.configuration !== undefined) {
      renderConfiguration(new Chart(app, 'configuration'), plan, plan.configuration);
    }
    assertUniqueObjects(app);
    return plan;
  }
}

/** Two objects of one name would overwrite each other in the cluster, silently. */
function assertUniqueObjects(app: App): void {
  const seen = new Map<string, string>();
  for (const node of app.node.findAll()) {
    if (!ApiObject.isApiObject(node)) {
      continue;
    }
    const { kind, apiVersion, metadata } = node;
    const id = `${apiVersion} ${kind} ${metadata.namespace ?? ''}/${metadata.name ?? ''}`;
    const twin = seen.get(id);
    if (twin !== undefined) {
      throw new Error(
        `${kind} ${metadata.namespace ?? ''}/${metadata.name ?? ''} is generated twice, by ${twin} and ${node.node.path}; give one of them another name`,
      );
    }
    seen.set(id, node.node.path);
  }
}
