import { goBinary } from '../machine/go-binaries';

/** Whether the tests run on the cluster of this machine, and not on one that a kubeconfig names. */
export const OWN_CLUSTER = process.env.KUBECONFIG === undefined;

/** Command of a program: the proving ground's own, or beside another cluster the one on the PATH. */
export function program(name: string): string {
  return OWN_CLUSTER ? goBinary(name) : name;
}
