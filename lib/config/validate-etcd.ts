import { DEFAULTS } from './defaults';
import type { EtcdConfig } from './etcd';
import { configurationPath, volumePath } from './job-names';
import { KEY_PART, NAME_LIMITS } from './names';
import type { Problems } from './problem';
import type { DisasterRecoveryConfig } from './site';
import { bytesOf, secondsOf } from './units';
import { OBJECT_NAME, SUBDOMAIN } from './validate-snapshots';
import {
  requireName,
  requireOneWindow,
  requirePositive,
  validateImage,
  validateRetention,
  validateSchedule,
} from './validate-values';

const PATH = 'etcd';

const PEER_URL = /^https:\/\/(?:[a-z0-9.-]+|\[[0-9a-f:]+\]):\d{2,5}$/;

/** Checks the protection of etcd without planning it. */
export function validateEtcd(config: DisasterRecoveryConfig, problems: Problems): void {
  const { etcd } = config;
  if (etcd === undefined) {
    return;
  }
  validateSchedule(etcd.schedule, `${PATH}.schedule`, problems);
  validateSchedule(etcd.pruneSchedule, `${PATH}.pruneSchedule`, problems);
  validateRetention(etcd.retention, `${PATH}.retention`, problems);
  requireOneWindow(etcd.retention, `${PATH}.retention`, 'etcd snapshots', problems);
  requirePositive(etcd.localCopies, `${PATH}.localCopies`, 1, problems);
  validateImage(etcd.image, `${PATH}.image`, problems);
  if (etcd.size !== undefined && bytesOf(etcd.size) <= 0) {
    const given = etcd.size.toKibibytes();
    problems.add('storage-empty', `${PATH}.size`, given, 'must be more than nothing', 'use Size.mebibytes(500)');
  }
  if (etcd.deadline !== undefined && secondsOf(etcd.deadline) <= 0) {
    const given = secondsOf(etcd.deadline);
    problems.add('number-out-of-range', `${PATH}.deadline`, given, 'must be more than nothing', 'leave it out');
  }
  validateMembers(etcd, problems);
  validatePath(etcd, config, problems);
}

/** A restored member that has not the name and address of its node's manifest never joins the others. */
function validateMembers({ members = [] }: EtcdConfig, problems: Problems): void {
  members.forEach(({ name, peerUrl }, index) => {
    const path = `${PATH}.members[${index}]`;
    requireName(name, `${path}.name`, SUBDOMAIN, OBJECT_NAME, problems);
    if (!PEER_URL.test(peerUrl)) {
      const fix = 'use https://10.0.0.1:2380';
      problems.add('peer-url-invalid', `${path}.peerUrl`, peerUrl, 'must be https, a host and a port', fix);
    }
    const twin = members.findIndex((other) => other.name === name || other.peerUrl === peerUrl);
    if (twin !== index) {
      const message = `has the name or the address of ${PATH}.members[${twin}]`;
      problems.add('member-duplicate', path, `${name} ${peerUrl}`, message, 'give each member its own');
    }
  });
}

/** Pruning one asset must never see the runs of another. */
function validatePath(etcd: EtcdConfig, config: DisasterRecoveryConfig, problems: Problems): void {
  const path = etcd.path ?? DEFAULTS.etcd.path;
  requireName(path, `${PATH}.path`, KEY_PART, NAME_LIMITS.label, problems);
  const owners = [
    ...(config.databases ?? []).map((database, index) => ({
      owner: `databases[${index}]`,
      taken: database.path ?? database.name,
    })),
    ...(config.volumes ?? []).map((volume, index) => ({ owner: `volumes[${index}]`, taken: volumePath(volume) })),
    ...(config.configuration === undefined
      ? []
      : [{ owner: 'configuration', taken: configurationPath(config.configuration) }]),
  ];
  for (const { owner, taken } of owners) {
    if (taken === path) {
      problems.add(
        'archive-path-shared',
        `${PATH}.path`,
        path,
        `is also the path of ${owner}; pruning one would remove copies of the other`,
        'use etcd-snapshots',
      );
    }
  }
}
