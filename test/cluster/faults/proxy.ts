import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, request } from 'node:https';
import { Transform, type TransformCallback } from 'node:stream';
import { createSecureContext } from 'node:tls';
import type { ProxySettings, StoreFaultKind, Upstream } from './fault';

/**
 * Stands between pods and an object store and does to their requests what the fault says; a process of its own inside the sandbox.
 * Prints a line for each request that it has hit.
 */
const settings = JSON.parse(process.argv[2] ?? '') as ProxySettings;
const { fault, listen, from, upstreams } = settings;

/** Bytes of a second at which a slow store is slow. */
const SLOW = 64 * 1024;

let passed = 0;
let hits = 0;

/** Whether the fault has begun, and has not yet hit as often as it is to. */
function active(): boolean {
  return passed >= (fault.afterBytes ?? 0) && hits < (fault.times ?? Number.POSITIVE_INFINITY);
}

function hit(message: IncomingMessage): void {
  hits += 1;
  process.stdout.write(`${fault.kind} ${message.method} ${message.url?.split('?')[0]}\n`);
}

/** Passes a body on, and does to it what the fault says. */
class Body extends Transform {
  private hit = false;

  public constructor(
    private readonly message: IncomingMessage,
    private readonly kind: StoreFaultKind,
    private readonly upload: boolean,
    private readonly sockets: () => void,
  ) {
    super();
  }

  public override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    if (this.upload) {
      passed += chunk.length;
    }
    if (this.hit || !active() || chunk.length === 0) {
      this.pass(chunk, done);
      return;
    }
    switch (this.kind) {
      case 'reset':
        this.count();
        this.sockets();
        done();
        return;
      case 'silent':
        // Never goes on.
        this.count();
        return;
      case 'corrupting':
        if (this.upload) {
          this.count();
          const copy = Buffer.from(chunk);
          copy.writeUInt8(copy.readUInt8(chunk.length >> 1) ^ 1, chunk.length >> 1);
          done(null, copy);
          return;
        }
        break;
      case 'slow':
        this.count();
        break;
    }
    this.pass(chunk, done);
  }

  private pass(chunk: Buffer, done: TransformCallback): void {
    if (this.kind === 'slow' && this.hit) {
      setTimeout(() => done(null, chunk), (chunk.length / SLOW) * 1000);
    } else {
      done(null, chunk);
    }
  }

  private count(): void {
    this.hit = true;
    hit(this.message);
  }
}

const REFUSALS: Partial<Record<StoreFaultKind, { status: number; code: string; headers: Record<string, string> }>> = {
  unavailable: { status: 503, code: 'ServerBusy', headers: {} },
  throttled: { status: 429, code: 'TooManyRequests', headers: { 'retry-after': '1' } },
};

function refuse(message: IncomingMessage, response: ServerResponse): boolean {
  const refusal = REFUSALS[fault.kind];
  if (refusal === undefined || !active()) {
    return false;
  }
  hit(message);
  message.resume();
  const body = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${refusal.code}</Code><Message>made for the test</Message></Error>`;
  response.writeHead(refusal.status, { 'content-type': 'application/xml', ...refusal.headers });
  response.end(body);
  return true;
}

function handle(upstream: Upstream, message: IncomingMessage, response: ServerResponse): void {
  if (refuse(message, response)) {
    return;
  }
  if ((fault.kind === 'silent' || fault.kind === 'reset') && active() && message.method !== 'PUT') {
    hit(message);
    if (fault.kind === 'reset') {
      message.socket.destroy();
    }
    return;
  }
  const forwarded = request(
    {
      host: upstream.address,
      port: 443,
      localAddress: from,
      servername: upstream.host,
      // The proxy is the test; that clients check the store's certificate is proven elsewhere.
      rejectUnauthorized: false,
      method: message.method,
      path: message.url,
      headers: message.headers,
    },
    (answer) => {
      const truncated = fault.kind === 'truncating' && message.method === 'GET' && isObject(answer) && active();
      if (truncated) {
        hit(message);
        const { 'content-length': length, 'content-md5': _, ...headers } = answer.headers;
        const half = Math.floor(Number(length) / 2);
        response.writeHead(answer.statusCode ?? 502, { ...headers, 'content-length': String(half) });
        let left = half;
        answer.on('data', (chunk: Buffer) => {
          response.write(chunk.subarray(0, left));
          left -= Math.min(left, chunk.length);
        });
        answer.on('end', () => response.end());
        return;
      }
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(new Body(message, fault.kind, false, () => message.socket.destroy())).pipe(response);
    },
  );
  const abort = (): void => {
    forwarded.destroy();
    message.socket.destroy();
  };
  forwarded.on('error', abort);
  message.on('error', abort);
  message.pipe(new Body(message, fault.kind, true, abort)).pipe(forwarded);
}

function isObject({ headers, statusCode }: IncomingMessage): boolean {
  return statusCode !== undefined && statusCode < 300 && Number(headers['content-length'] ?? 0) > 1;
}

const contexts = new Map(
  upstreams.map(({ host, certificateFile, keyFile }) => [
    host,
    createSecureContext({ cert: readFileSync(certificateFile), key: readFileSync(keyFile) }),
  ]),
);
const [first] = upstreams;
if (first === undefined) {
  throw new Error('a proxy needs a store to stand before');
}

const server = createServer(
  {
    cert: readFileSync(first.certificateFile),
    key: readFileSync(first.keyFile),
    SNICallback: (host, done) => done(null, contexts.get(host)),
  },
  (message, response) => {
    const host = message.headers.host?.split(':')[0];
    handle(upstreams.find((upstream) => upstream.host === host) ?? first, message, response);
  },
);
server.listen(listen.port, listen.address, () => process.stdout.write('ready\n'));

// Whoever has started it lets go of it, or is gone.
process.stdin.on('end', () => process.exit()).resume();
