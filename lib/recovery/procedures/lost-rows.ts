import type { DatabasePlan, RecoveryPlan } from '../../plan';
import { guarded } from '../deletion';
import type { Procedure } from '../procedure';
import { variable } from '../procedure';
import { findPrimary, inPod, intoPod, psql, showArchive, TARGET_TIME, waitForCluster } from './database-commands';
import { expectedOf, patience } from './estimates';
import { recoveredCluster } from './recovered-cluster';

const TABLE = {
  name: 'TABLE',
  meaning: 'Table whose rows are missed, with its schema',
  example: 'public.users',
  pattern: '[a-z_][a-z0-9_]*\\.[a-z_][a-z0-9_]*',
};
const NAME = variable(TABLE.name);

/** Name of the Cluster for looking. */
export function pastName({ name }: DatabasePlan): string {
  return `${name}-past`;
}

/** Brings rows of an earlier moment beside the live ones; what is live is changed by the last step alone, and only by adding. */
export function fetchLostRows(site: RecoveryPlan, plan: DatabasePlan): Procedure {
  const { name, namespace } = plan;
  const past = pastName(plan);
  const estimate = expectedOf(site, `database ${name}`, 'WAL archive + base backup');
  return {
    title: `Fetch lost rows of database ${name}`,
    use: `Rows or a table are gone, and the rest is fine. Cluster \`${past}\`, a single instance that archives nothing, shows the database as it was.`,
    look: showArchive(plan),
    parameters: [TARGET_TIME, TABLE],
    steps: [
      {
        text: 'Create the Cluster of the past. One that is there already shows another moment: remove it first, as below.',
        manifests: recoveredCluster(site, plan, {
          name: past,
          target: { time: variable(TARGET_TIME.name) },
          readOnly: true,
        }),
        emptiedByFailure: TABLE.name,
        command: waitForCluster(namespace, past, patience(estimate)),
      },
      {
        text: 'Copy the table into the live database, under its name with `_past` at the end. Both counts must be the same; a copy that is there already stops what follows.',
        command: copyTable(plan, past),
      },
      {
        text: 'Put back what is missed: rows that are there are left as they are, and a table that is gone comes back with its indexes and constraints. Where rows were changed rather than lost, compare both tables first, and let whoever knows the data decide.',
        command: putBack(plan),
      },
      {
        text: 'Remove the Cluster of the past.',
        command: guarded({
          what: `Cluster ${past} with its volumes`,
          name: past,
          command: `kubectl delete cluster ${past} -n ${namespace}`,
        }),
      },
      { text: 'When it is needed no longer, drop the copied table.', command: dropCopy(plan) },
    ],
    ...estimate,
    worked: 'the rows are there again, and the application shows them.',
    backOut:
      'remove the Cluster of the past and the copied table as in the last two steps. Before the third step nothing of what is live was changed.',
  };
}

function copyTable({ name, namespace, database, owner }: DatabasePlan, past: string): string {
  const asOwner = `env PGOPTIONS='-c role=${owner}' ${psql(database)}`;
  const count = `${psql(database)} -c "SELECT count(*) FROM ${NAME}_past"`;
  return [
    findPrimary('PAST', namespace, past),
    findPrimary('LIVE', namespace, name),
    `${inPod('PAST', namespace)} ${psql(database)} -c "CREATE TABLE ${NAME}_past AS TABLE ${NAME}"`,
    `${inPod('PAST', namespace)} pg_dump -d ${database} --no-owner --no-privileges --table="${NAME}_past" |`,
    `  ${intoPod('LIVE', namespace)} ${asOwner} -q || ${TABLE.name}=''`,
    `${inPod('PAST', namespace)} ${count}`,
    `${inPod('LIVE', namespace)} ${count}`,
  ].join('\n');
}

function putBack({ namespace, database, owner }: DatabasePlan): string {
  const live = `${inPod('LIVE', namespace)} ${psql(database)}`;
  return [
    `if [ "$(${live} -c "SELECT to_regclass('${NAME}') IS NULL")" = t ]; then`,
    `  ${inPod('PAST', namespace)} pg_dump -d ${database} --no-owner --no-privileges --table="${NAME}" |`,
    `    ${intoPod('LIVE', namespace)} env PGOPTIONS='-c role=${owner}' ${psql(database)} -q`,
    'else',
    `  ${live} -c "INSERT INTO ${NAME} OVERRIDING SYSTEM VALUE SELECT * FROM ${NAME}_past ON CONFLICT DO NOTHING"`,
    'fi',
  ].join('\n');
}

function dropCopy({ namespace, database }: DatabasePlan): string {
  return guarded({
    what: 'The copied table',
    name: `${NAME}_past`,
    command: `${inPod('LIVE', namespace)} ${psql(database)} -c "DROP TABLE ${NAME}_past"`,
  });
}
