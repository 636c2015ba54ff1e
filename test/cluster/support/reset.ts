import { removeNamespace } from './provide';
import { SITES } from './site';
import { Store } from './store';

/** Removes what earlier runs of the tests left in the cluster and in the store. */
export async function reset(): Promise<void> {
  for (const { plan } of SITES) {
    await removeNamespace(plan.namespace);
    for (const storage of [plan.storage, ...(plan.replication === undefined ? [] : [plan.replication.target])]) {
      await (await Store.open(storage)).empty();
    }
  }
}
