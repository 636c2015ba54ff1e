import type { AssumptionsConfig } from '../config';
import { bytesOf, DEFAULTS, secondsOf } from '../config';

/** The site's assumptions in plain seconds and bytes per second. */
export interface Assumptions {
  readonly detection: number;
  readonly validation: number;
  readonly fetchRate: number;
  readonly replayRate: number;
  readonly dumpRate: number;
  readonly loadRate: number;
  readonly snapshotRestore: number;
  readonly startDelay: number;
  readonly toleratedFailedRuns: number;
  readonly reaction: number;
}

/** Fills in the defaults. */
export function resolveAssumptions(config: AssumptionsConfig = {}): Assumptions {
  const defaults = DEFAULTS.assumptions;
  return {
    detection: secondsOf(config.detection ?? defaults.detection),
    validation: secondsOf(config.validation ?? defaults.validation),
    fetchRate: bytesOf(config.fetchPerSecond ?? defaults.fetchPerSecond),
    replayRate: bytesOf(config.replayPerSecond ?? defaults.replayPerSecond),
    dumpRate: bytesOf(config.dumpPerSecond ?? defaults.dumpPerSecond),
    loadRate: bytesOf(config.loadPerSecond ?? defaults.loadPerSecond),
    snapshotRestore: secondsOf(config.snapshotRestore ?? defaults.snapshotRestore),
    startDelay: secondsOf(config.startDelay ?? defaults.startDelay),
    toleratedFailedRuns: config.toleratedFailedRuns ?? defaults.toleratedFailedRuns,
    reaction: secondsOf(config.reaction ?? defaults.reaction),
  };
}
