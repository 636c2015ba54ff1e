import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ADDRESSES, API_SERVER } from './addresses';
import { goBinary } from './go-binaries';
import { STATE } from './paths';
import { testAuthority } from './pki';
import { startInside } from './sandbox';

/** Starts the cluster's DNS. Hosts get an address each, so that object stores answer under their production names. */
export async function startDns(hosts: Readonly<Record<string, string>>): Promise<void> {
  const { certificateFile } = await testAuthority();
  const file = join(STATE, 'Corefile');
  const entries = Object.entries(hosts).map(([host, address]) => `    ${address} ${host}`);
  await writeFile(
    file,
    `.:53 {
  bind ${ADDRESSES.dns}
  errors
  hosts {
${entries.join('\n')}
    fallthrough
  }
  kubernetes cluster.local in-addr.arpa {
    endpoint ${API_SERVER}
    tls ${join(STATE, 'pki/admin.crt')} ${join(STATE, 'pki/admin.key')} ${certificateFile}
  }
  cache 2
}
`,
  );
  await startInside('coredns', [goBinary('coredns'), '-conf', file]);
}
