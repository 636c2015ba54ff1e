// Stands for a Pushgateway, whose rules are those of its README. GET /metrics shows all groups as JSON; argv: port file, behaviour.
const { writeFileSync } = require('node:fs');
const { createServer } = require('node:http');

const [portFile, behaviour] = process.argv.slice(2);
const groups = {};
const texts = {};

/** Reads an exposition, or says why it is refused. */
function parse(text) {
  if (!text.endsWith('\n')) {
    return 'unexpected end of input stream';
  }
  const metrics = {};
  for (const line of text.slice(0, -1).split('\n')) {
    const [, word, name, rest] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (word !== undefined) {
      metrics[name] = { ...metrics[name], [word.toLowerCase()]: rest };
      continue;
    }
    const [, metric, labels = '', value] = /^([a-z_]+)(\{[^}]+\})? ([0-9]+)$/.exec(line) ?? [];
    if (metrics[metric] === undefined) {
      return `cannot be read: ${line}`;
    }
    metrics[metric].samples = { ...metrics[metric].samples, [labels]: value };
    if (labels === '') {
      metrics[metric].value = value;
    }
  }
  const conflict = Object.entries(metrics).find(
    ([name, { help, type }]) => texts[name] !== undefined && texts[name] !== `${type} ${help}`,
  );
  if (conflict !== undefined) {
    return `inconsistent: ${conflict[0]}`;
  }
  // One without samples is no metric (prometheus/common expfmt).
  return Object.fromEntries(Object.entries(metrics).filter(([, { samples }]) => samples !== undefined));
}

function push(path, text) {
  const metrics = parse(text);
  if (typeof metrics === 'string') {
    return [400, metrics];
  }
  for (const [name, { help, type }] of Object.entries(metrics)) {
    texts[name] = `${type} ${help}`;
  }
  // POST replaces metrics of the same name, and leaves the others of the group.
  groups[path] = { ...groups[path], ...metrics };
  return [200, ''];
}

const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    const [status, text] =
      behaviour === 'refuse'
        ? [500, 'no']
        : request.method === 'GET'
          ? [200, JSON.stringify(groups)]
          : request.method === 'POST' && request.url.startsWith('/metrics/job/')
            ? push(request.url.slice('/metrics/'.length), body)
            : [405, ''];
    if (behaviour !== 'hang') {
      response.writeHead(status).end(text);
    }
  });
});
server.listen(0, '127.0.0.1', () => writeFileSync(portFile, String(server.address().port)));
