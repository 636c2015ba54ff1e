import { homedir } from 'node:os';
import { join } from 'node:path';

/** What is costly to make and worth keeping between runs: binaries, images, npm packages. */
export const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'cdk8s-dr');

/** Name of the cluster that is meant; several can run beside each other. */
export const CLUSTER = process.env.CDK8S_DR_CLUSTER ?? 'cdk8s-dr-cluster';

/** State of the running cluster; removed by `cluster:down`. Short, because socket paths are limited to 107 bytes. */
export const STATE = join('/var/lib', CLUSTER);

/** What tests and their watch of the API server must not forget, even when a new cluster takes the place of a lost one. */
export const WATCHED = join(STATE, 'watched');

export const CACHED = {
  binaries: join(CACHE, 'bin'),
  images: join(CACHE, 'images'),
  node: join(CACHE, 'node'),
  /** Scratch of builds; whatever is left in it by a killed run is removed by the next. */
  work: join(CACHE, 'work'),
};
