// Stands for kubectl in front of an API server with a kubelet: pods end as the state says, and their claim goes with them.
// Its state is $HOME/state.json, its calls are in $HOME/calls.
const { appendFileSync, readFileSync, writeFileSync } = require('node:fs');

const home = process.env.HOME;
const state = JSON.parse(readFileSync(`${home}/state.json`, 'utf8'));
const args = process.argv.slice(2);
appendFileSync(`${home}/calls`, `${args.join(' ')}\n`);

const [verb, kind, name] = args;
const has = (flag) => args.includes(flag);
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
  if (kind === 'volumesnapshots') {
    process.stdout.write(JSON.stringify({ items: state.snapshots }));
    return;
  }
  const found = state[kind].find((object) => object.metadata.name === name);
  if (found === undefined) {
    if (!has('--ignore-not-found')) {
      refuse(`Error from server (NotFound): ${kind} "${name}" not found`);
    }
    return;
  }
  process.stdout.write(has('--output=name') ? `${kind}/${name}\n` : JSON.stringify(found));
}

function create() {
  const pod = JSON.parse(readFileSync(kind.replace('--filename=', ''), 'utf8'));
  if (state.pods.length > 0) {
    refuse(`Error from server (AlreadyExists): pods "${pod.metadata.name}" already exists`);
  }
  state.created.push(pod);
  const snapshot = pod.spec.volumes.find((volume) => volume.name === 'restored').ephemeral.volumeClaimTemplate.spec
    .dataSource.name;
  const { phase, message } = state.fates[snapshot] ?? { phase: 'Succeeded', message: '12 files, 3456 bytes' };
  state.pods.push({ ...pod, status: { phase, containerStatuses: [{ state: { terminated: { message } } }] } });
  state.persistentvolumeclaims.push({ metadata: { name: `${pod.metadata.name}-restored` } });
  save();
}

function remove() {
  state.pods = state.pods.filter((pod) => pod.metadata.name !== name);
  state.persistentvolumeclaims = state.persistentvolumeclaims.filter(
    (claim) => claim.metadata.name !== `${name}-restored`,
  );
  save();
}

const call = { get, create, delete: remove }[verb] ?? (() => refuse(`unexpected: kubectl ${args.join(' ')}`));
call();
