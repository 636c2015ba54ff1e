// Stands for kubectl in front of an API server with CloudNativePG: a Cluster goes from state to state each time that it is read.
// Its state is $HOME/state.json, its calls are in $HOME/calls.
const { appendFileSync, readFileSync, writeFileSync } = require('node:fs');

const home = process.env.HOME;
const state = JSON.parse(readFileSync(`${home}/state.json`, 'utf8'));
const args = process.argv.slice(2);
appendFileSync(`${home}/calls`, `${args.join(' ')}\n`);

const [verb, kind, name] = args;
const save = () => writeFileSync(`${home}/state.json`, JSON.stringify(state));
const refuse = (message) => {
  process.stderr.write(`${message}\n`);
  process.exit(1);
};

const refusal = Object.entries(state.refuse ?? {}).find(([start]) => args.join(' ').startsWith(start));
if (refusal !== undefined) {
  refuse(refusal[1]);
}

function get() {
  if (kind === 'pods,persistentvolumeclaims') {
    // They go one by one after the Cluster.
    process.stdout.write(state.dependents.map((dependent) => `${dependent}\n`).join(''));
    if (state.cluster === null && state.stuck !== true) {
      state.dependents.shift();
      save();
    }
    return;
  }
  if (args.includes('--output=name')) {
    process.stdout.write(state.cluster === null ? '' : `cluster/${name}\n`);
    return;
  }
  if (state.cluster === null) {
    refuse(`Error from server (NotFound): clusters "${name}" not found`);
  }
  const status = state.course.length > 1 ? state.course.shift() : state.course[0];
  save();
  process.stdout.write(JSON.stringify({ ...state.cluster, status }));
}

function create() {
  if (state.cluster !== null) {
    refuse('Error from server (AlreadyExists): it exists');
  }
  state.cluster = JSON.parse(readFileSync(kind.replace('--filename=', ''), 'utf8'));
  state.created.push(state.cluster);
  state.dependents = [`pod/${state.cluster.metadata.name}-1`, `persistentvolumeclaim/${state.cluster.metadata.name}-1`];
  save();
}

function remove() {
  if (kind === 'pods') {
    return;
  }
  state.cluster = null;
  save();
}

const call = { get, create, delete: remove }[verb] ?? (() => refuse(`unexpected: kubectl ${args.join(' ')}`));
call();
