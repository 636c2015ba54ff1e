import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ADDRESSES } from '../machine/addresses';
import { STORES_FOLDER } from '../machine/object-stores';
import { until } from '../machine/run';
import { inside, sandboxed } from '../machine/sandbox';
import { STORES } from '../stores';
import type { ProxySettings, StoreFault, Upstream } from './fault';

const PORT = 8443;
const TABLE = 'store_faults';

/** Removes the redirection, whether there is one or not. */
const DIRECT = `table ip ${TABLE} {}
delete table ip ${TABLE}
`;

/** Has the requests of pods to the object stores fail while something is done; returns what that returns, and the requests that were hit. */
export async function withStoreFault<T>(
  fault: StoreFault,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly hits: readonly string[] }> {
  const proxy = await FaultProxy.start(fault);
  try {
    await inside(['nft', '-f', '-'], redirection());
    const result = await work();
    return { result, hits: proxy.hits };
  } finally {
    await inside(['nft', '-f', '-'], DIRECT);
    await proxy.stop();
  }
}

/** New connections to a store go to the proxy instead, from pods and from those on the network of their node, but not from the proxy. */
function redirection(): string {
  const rule = `ip daddr { ${ADDRESSES.azure}, ${ADDRESSES.s3} } ip saddr != ${ADDRESSES.faults} tcp dport 443 dnat to ${ADDRESSES.faults}:${PORT}`;
  return `${DIRECT}table ip ${TABLE} {
  chain prerouting { type nat hook prerouting priority -105; ${rule}; }
  chain output { type nat hook output priority -105; ${rule}; }
}
`;
}

const UPSTREAMS: readonly Upstream[] = [
  upstream(STORES.azure.host, ADDRESSES.azure, 'azure'),
  upstream(STORES.azureSecond.host, ADDRESSES.azure, 'azure'),
  upstream(STORES.s3.host, ADDRESSES.s3, 's3'),
];

function upstream(host: string, address: string, certificate: string): Upstream {
  const file = (suffix: string): string => join(STORES_FOLDER, `${certificate}.${suffix}`);
  return { host, address, certificateFile: file('crt'), keyFile: file('key') };
}

class FaultProxy {
  public static async start(fault: StoreFault): Promise<FaultProxy> {
    const listen = { address: ADDRESSES.faults, port: PORT };
    const settings: ProxySettings = { fault, listen, from: ADDRESSES.faults, upstreams: UPSTREAMS };
    const program = [process.execPath, require.resolve('tsx/cli'), join(__dirname, 'proxy.ts')];
    const [file = '', ...args] = await sandboxed([...program, JSON.stringify(settings)]);
    const proxy = new FaultProxy(spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'] }));
    await until('the proxy of store faults', 30, async () =>
      proxy.lines.includes('ready') ? '' : proxy.said || 'it said nothing',
    );
    return proxy;
  }

  private said = '';
  private lines: string[] = [];

  private constructor(private readonly child: ChildProcess) {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      this.lines = text.split('\n').filter((line) => line !== '');
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      this.said += chunk.toString();
    });
  }

  public get hits(): readonly string[] {
    return this.lines.filter((line) => line !== 'ready');
  }

  /** Its connections end with it, as they do when a network is repaired. */
  public async stop(): Promise<void> {
    const end = once(this.child, 'close');
    this.child.stdin?.end();
    await end;
  }
}
