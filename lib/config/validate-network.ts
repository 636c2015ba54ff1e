import type { Problems } from './problem';
import type { NetworkConfig } from './site';

const CIDR = /^[0-9a-fA-F.:]+\/\d{1,3}$/;

/** Checks address ranges and ports: an empty list in an egress rule would allow everything. */
export function validateNetwork(network: NetworkConfig, problems: Problems): void {
  const ranges = { storeCidrs: network.storeCidrs, apiServerCidrs: network.apiServerCidrs };
  for (const [field, cidrs] of Object.entries(ranges)) {
    requireCidrs(cidrs, `network.${field}`, problems);
  }
  const { storePort, apiServerPorts } = network;
  if (apiServerPorts?.length === 0) {
    problems.add(
      'network-empty',
      'network.apiServerPorts',
      undefined,
      'must have at least one port',
      'use [443, 6443]',
    );
  }
  requirePort(storePort, 'network.storePort', problems);
  (apiServerPorts ?? []).forEach((port, index) => {
    requirePort(port, `network.apiServerPorts[${index}]`, problems);
  });
}

/** Checks address ranges, of which there must be one. */
export function requireCidrs(cidrs: readonly string[] | undefined, path: string, problems: Problems): void {
  if (cidrs?.length === 0) {
    problems.add('network-empty', path, undefined, 'must have at least one address range', 'use ["0.0.0.0/0"]');
  }
  (cidrs ?? []).forEach((cidr, index) => {
    if (!CIDR.test(cidr)) {
      const fix = `use ${/^[\d.]+$/.test(cidr) ? `${cidr}/32` : '10.0.0.0/24'}`;
      problems.add('network-range', `${path}[${index}]`, cidr, 'must be an address range such as 10.0.0.0/24', fix);
    }
  });
}

/** Checks that a port, where given, is one. */
export function requirePort(port: number | undefined, path: string, problems: Problems): void {
  if (port !== undefined && (!Number.isInteger(port) || port < 1 || port > 65535)) {
    problems.add('network-port', path, port, 'must be a port from 1 to 65535', 'use 443');
  }
}
