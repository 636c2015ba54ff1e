// Stands for kubectl in front of an API server with a snapshot controller. Its state is $HOME/state.json, its calls are in $HOME/calls.
const { appendFileSync, readFileSync, renameSync, writeFileSync } = require('node:fs');

const home = process.env.HOME;
const state = JSON.parse(readFileSync(`${home}/state.json`, 'utf8'));
const args = process.argv.slice(2);
appendFileSync(`${home}/calls`, `${args.join(' ')}\n`);

const [verb, kind, ...rest] = args;
const option = (name) => rest.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3);
const words = (args[0] === 'exec' ? [] : rest).filter((argument) => !argument.startsWith('-'));
// Whole or not at all, since tests kill whoever calls this.
const save = () => {
  writeFileSync(`${home}/state.json.new`, JSON.stringify(state));
  renameSync(`${home}/state.json.new`, `${home}/state.json`);
};
const print = (object) => process.stdout.write(JSON.stringify(object));
const list = (items) => print({ apiVersion: 'v1', kind: 'List', items });
const refuse = (message) => {
  process.stderr.write(`${message}\n`);
  process.exit(1);
};
// As the real one does: with any setting of its own it no longer looks for the API server of its pod.
if (args.some((argument) => /^--(request-timeout|server|user|context)\b/.test(argument))) {
  refuse('The connection to the server localhost:8080 was refused - did you specify the right host or port?');
}
const matches = (labels = {}) =>
  (option('selector') ?? '')
    .split(',')
    .every((pair) => pair === '' || labels[pair.split('=')[0]] === pair.split('=')[1]);

const refusal = Object.entries(state.refuse ?? {}).find(([start]) => args.join(' ').startsWith(start));
if (refusal !== undefined) {
  refuse(refusal[1]);
}

function find(things, name) {
  return things.find((thing) => thing.metadata.name === name);
}

function getNamed(things) {
  const found = words.flatMap((name) => find(things, name) ?? []);
  if (found.length < words.length && !rest.includes('--ignore-not-found')) {
    refuse(`Error from server (NotFound): ${kind} "${words.join()}" not found`);
  }
  if (words.length === 1) {
    found.forEach(print);
  } else if (found.length > 0) {
    list(found);
  }
}

function create() {
  const manifest = JSON.parse(readFileSync((kind ?? '').replace('--filename=', ''), 'utf8'));
  const { name, namespace } = manifest.metadata;
  if (find(state.snapshots, name) !== undefined) {
    refuse(`Error from server (AlreadyExists): volumesnapshots "${name}" already exists`);
  }
  const uid = `uid-${name}`;
  const fate = state.fates?.[manifest.spec.source.persistentVolumeClaimName] ?? 'ready';
  const content = `snapcontent-${uid}`;
  const status = {
    ready: {
      readyToUse: true,
      boundVolumeSnapshotContentName: content,
      creationTime: '2024-01-15T14:00:03Z',
      restoreSize: '2Gi',
    },
    pending: { readyToUse: false, boundVolumeSnapshotContentName: content, creationTime: '2024-01-15T14:00:03Z' },
    uncut: {},
    error: { readyToUse: false, error: { message: 'rpc error:\n  quota exceeded' } },
  }[fate];
  state.snapshots.push({ ...manifest, metadata: { ...manifest.metadata, uid }, status });
  state.contents.push({
    metadata: { name: content },
    spec: {
      driver: 'disk.csi.azure.com',
      deletionPolicy: 'Retain',
      sourceVolumeMode: 'Filesystem',
      volumeSnapshotRef: { name, namespace, uid },
    },
    status: { snapshotHandle: `/subscriptions/1/snapshots/${name}` },
  });
  save();
}

function exec() {
  const command = args.slice(args.indexOf('--') + 1);
  if (command[0] === 'fail') {
    refuse('command terminated with exit code 1');
  }
  if (command[0] === 'hang') {
    setInterval(() => undefined, 1000);
  }
}

switch (`${verb} ${kind}`) {
  case 'version --output=json':
    print({ clientVersion: { gitVersion: 'v1.34.1' }, serverVersion: { gitVersion: 'v1.34.4' } });
    break;
  case 'get persistentvolumeclaims':
    if (option('selector') === undefined) {
      getNamed(state.claims);
    } else {
      list(state.claims.filter(({ metadata }) => matches(metadata.labels)));
    }
    break;
  case 'get volumesnapshots':
    list(state.snapshots.filter(({ metadata }) => matches(metadata.labels)));
    break;
  case 'get volumesnapshotcontents':
    getNamed(state.contents);
    break;
  case 'get pods':
    process.stdout.write((state.pods ?? []).map((name) => `pod/${name}\n`).join(''));
    break;
  case 'patch volumesnapshotcontents':
    Object.assign(find(state.contents, words[0]).spec, JSON.parse(option('patch')).spec);
    save();
    break;
  case 'delete volumesnapshots':
    state.snapshots = state.snapshots.filter(({ metadata }) => metadata.name !== words[0]);
    save();
    break;
  default:
    if (verb === 'create') {
      create();
    } else if (verb === 'exec') {
      exec();
    } else {
      refuse(`unexpected: kubectl ${args.join(' ')}`);
    }
}
