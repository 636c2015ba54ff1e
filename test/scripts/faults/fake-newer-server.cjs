// Stands for a PostgreSQL server of a version that is not out yet: lets everybody in, tells its version, and answers each query with one
// empty field. argv: port file. Messages are those of PostgreSQL's frontend/backend protocol 3.0.
const { writeFileSync } = require('node:fs');
const { createServer } = require('node:net');

/** A message: its type, its length with the length itself, and what it holds. */
function message(type, ...parts) {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

const text = (...words) => Buffer.from(words.map((word) => `${word}\0`).join(''));
const number = (value, bytes) => {
  const buffer = Buffer.alloc(bytes);
  buffer.writeIntBE(value, 0, bytes);
  return buffer;
};

const READY = message('Z', Buffer.from('I'));
const WELCOME = [
  message('R', number(0, 4)),
  ...Object.entries({
    server_version: '99.1',
    server_encoding: 'UTF8',
    client_encoding: 'UTF8',
    standard_conforming_strings: 'on',
  }).map(([name, value]) => message('S', text(name, value))),
  READY,
];
const FIELD = [text('answer'), number(0, 4), number(0, 2), number(25, 4), number(-1, 2), number(-1, 4), number(0, 2)];
const ANSWER = [
  message('T', number(1, 2), ...FIELD),
  message('D', number(1, 2), number(0, 4)),
  message('C', text('SELECT 1')),
  READY,
];

const server = createServer((socket) => {
  let welcomed = false;
  socket.on('error', () => undefined);
  socket.on('data', (data) => {
    // Clients wait for each answer, so what arrives is one message.
    if (!welcomed) {
      welcomed = true;
      socket.write(Buffer.concat(WELCOME));
    } else if (data.toString('latin1', 0, 1) === 'X') {
      socket.end();
    } else {
      socket.write(Buffer.concat(ANSWER));
    }
  });
});
server.listen(0, '127.0.0.1', () => writeFileSync(process.argv[2], String(server.address().port)));
