import { removeNamespace } from './provide';
import { SITES } from './site';
import { Store } from './store';

/** Removes what earlier runs of the tests left in the cluster and in the store. */
export async function reset(): Promise<void> {
  for (const { plan } of SITES) {
    await removeNamespace(plan.namespace);
    await (await Store.open(plan.storage)).empty();
  }
}
