import type { SecretKey } from '../config';
import type { DatabasePlan } from '../plan';
import { BASIC_AUTH_KEYS } from '../plan';
import type { EnvironmentVariable, SecretFile } from '../storage';

/** Port of CloudNativePG's services and pods (cloudnative-pg pkg/postgres). */
export const POSTGRES_PORT = 5432;

const CA_PATH = '/postgres-ca/ca.crt';

/** Name and password of a role. */
export interface Login {
  readonly username: SecretKey;
  readonly password: SecretKey;
}

/** How a step reaches a database of a Cluster, through the Service of its primary. */
export function connection({ name, namespace }: DatabasePlan, database: string, login: Login): EnvironmentVariable[] {
  return [
    { name: 'PGHOST', value: `${name}-rw.${namespace}.svc.cluster.local` },
    { name: 'PGPORT', value: String(POSTGRES_PORT) },
    { name: 'PGDATABASE', value: database },
    { name: 'PGUSER', secret: login.username },
    { name: 'PGPASSWORD', secret: login.password },
    { name: 'PGSSLMODE', value: 'verify-full' },
    { name: 'PGSSLROOTCERT', value: CA_PATH },
    { name: 'PGCONNECT_TIMEOUT', value: '30' },
  ];
}

/** The same as the application's owner, whose password CloudNativePG keeps in `<cluster>-app`. */
export function appConnection(plan: DatabasePlan, database: string): EnvironmentVariable[] {
  return connection(plan, database, loginOf(`${plan.name}-app`));
}

/** CloudNativePG keeps the authority of its server certificates in `<cluster>-ca`. */
export function serverCa({ name }: DatabasePlan): SecretFile[] {
  return [{ secret: { secretName: `${name}-ca`, key: 'ca.crt' }, path: CA_PATH }];
}

/** The keys of a basic-auth Secret. */
export function loginOf(secretName: string): Login {
  const { username, password } = BASIC_AUTH_KEYS;
  return { username: { secretName, key: username }, password: { secretName, key: password } };
}
