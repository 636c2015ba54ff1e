import { DEFAULTS, secondsOf } from '../config';
import type { Assumptions } from './assumptions';
import type { EtcdStreamPlan } from './etcd-plan';

const MIB = 1024 ** 2;

/** What `etcdctl snapshot save` and `etcdutl snapshot restore` do per second. */
export const SAVE_RATE = 200 * MIB;

/** What gpg and the checksums of a run do together per second. */
export const SEAL_RATE = 100 * MIB;

/** What etcd's JSON gateway, jq and base64 deliver per second with two cores; measured 14 MiB/s with six times as much to do, and jq and base64 alone manage 50 MiB/s of a core each. */
const STREAM_SAVE_RATE = 20 * MIB;

/** Seconds of a cycle that do not depend on the size: handing over between steps, starts of rclone, whole seconds of clocks. */
const STREAM_OVERHEAD = 5;

/** Periods that a snapshot stream may have, in seconds. */
const STREAM_PERIODS = [10, 15, 20, 30, 45, 60];

/** Snapshot and its sealed copy, and room for the database to grow by half. */
const WORKSPACE_COPIES = 3;

const WORKSPACE_EXTRA = 64 * MIB;

/** What a stream is planned from; sizes in bytes, times in seconds. */
interface StreamInputs {
  readonly path: string;
  readonly size: number;
  readonly rpo: number;
  readonly keepAtLeast: number;
  /** How long the store protects what it holds. */
  readonly immutable: number;
}

/** Plans a stream: the longest period that meets the objective, or back to back where none does, which is then reported. */
export function planEtcdStream(
  { path, size, rpo, keepAtLeast, immutable }: StreamInputs,
  assumptions: Assumptions,
): EtcdStreamPlan {
  const { streamTier, streamRetention } = DEFAULTS.etcd;
  const work = Math.ceil(STREAM_OVERHEAD + size * secondsPerByte(assumptions));
  const period = STREAM_PERIODS.filter((seconds) => seconds >= work && seconds + work <= rpo).pop() ?? work;
  return {
    name: 'etcd-snapshot-stream',
    tier: streamTier,
    prefix: `${path}/${streamTier}`,
    period,
    work,
    worstCaseLoss: period + work,
    stepDeadline: period + work,
    // What the store still protects cannot be removed.
    keepSeconds: Math.max(secondsOf(streamRetention), immutable),
    keepAtLeast,
    workspaceBytes: WORKSPACE_COPIES * size + WORKSPACE_EXTRA,
  };
}

/** Bytes of the largest database that a stream can protect within an objective. */
export function largestStreamSize(rpo: number, assumptions: Assumptions): number {
  return Math.max(0, rpo / 2 - STREAM_OVERHEAD) / secondsPerByte(assumptions);
}

/** A snapshot is saved, sealed, uploaded and read back. */
function secondsPerByte(assumptions: Assumptions): number {
  return 1 / STREAM_SAVE_RATE + 1 / SEAL_RATE + 2 / assumptions.fetchRate;
}
