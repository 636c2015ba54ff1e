import type { Duration } from 'cdk8s';
import type { AzureServiceOperatorConfig, LifecycleConfig, LifecycleRuleConfig, StorageTierMove } from './lifecycle';
import { StorageTier } from './lifecycle';
import { RFC_1123_LABEL } from './names';
import type { ObjectStorage } from './object-storage';
import { StorageProvider } from './object-storage';
import type { Problems } from './problem';
import { secondsOf } from './units';
import { requireName } from './validate-values';

const DAY = 86400;
const TIERS = Object.values(StorageTier);

/** A folder of the store: parts as our own keys have them, and no container or bucket in front. */
const PREFIX = /^[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*\/?$/;

/** Checks the lifecycle of a store; the plan checks what depends on the provider and on what is written. */
export function validateLifecycle(lifecycle: LifecycleConfig, storage: ObjectStorage, problems: Problems): void {
  requireDays(lifecycle.margin, 'lifecycle.margin', problems);
  requireDays(lifecycle.versionsFor, 'lifecycle.versionsFor', problems);
  requireDays(lifecycle.reportsFor, 'lifecycle.reportsFor', problems);
  if (lifecycle.namespace !== undefined) {
    requireName(lifecycle.namespace, 'lifecycle.namespace', RFC_1123_LABEL, 63, problems);
  }
  validateRules(lifecycle.rules ?? [], problems);
  if (lifecycle.azureServiceOperator !== undefined) {
    validateOperator(lifecycle.azureServiceOperator, storage, 'lifecycle.azureServiceOperator', problems);
  }
}

/** A prefix as rules have it: a trailing slash keeps `postgres/daily` from matching `postgres/daily-archive`. */
export function folderOf(prefix: string): string {
  return prefix.endsWith('/') ? prefix : `${prefix}/`;
}

/** Checks that a prefix is a folder; says whether it is. */
export function validatePrefix(prefix: string, path: string, problems: Problems): boolean {
  if (PREFIX.test(prefix)) {
    return true;
  }
  problems.add(
    'prefix-invalid',
    path,
    prefix,
    'must be a folder below the container or bucket: parts of letters, digits, dots, underscores and hyphens, without wildcards',
    'write it like postgres/daily',
  );
  return false;
}

function validateRules(rules: readonly LifecycleRuleConfig[], problems: Problems): void {
  const seen = new Map<string, number>();
  rules.forEach((rule, index) => {
    const path = `lifecycle.rules[${index}]`;
    const folder = folderOf(rule.prefix);
    const twin = seen.get(folder);
    const valid = validatePrefix(rule.prefix, `${path}.prefix`, problems);
    if (valid && twin !== undefined) {
      problems.add(
        'rule-duplicate',
        `${path}.prefix`,
        rule.prefix,
        `is also the prefix of lifecycle.rules[${twin}]`,
        'put both into one rule',
      );
    }
    seen.set(folder, index);
    if (rule.writtenBy === '') {
      problems.add(
        'writer-missing',
        `${path}.writtenBy`,
        rule.writtenBy,
        'must say who writes below the prefix',
        'name the tool or team, or leave writtenBy out',
      );
    }
    requireDays(rule.deleteAfter, `${path}.deleteAfter`, problems);
    requireDays(rule.versionsFor, `${path}.versionsFor`, problems);
    validateMoves(rule.moves ?? [], `${path}.moves`, problems);
  });
}

function validateMoves(moves: readonly StorageTierMove[], path: string, problems: Problems): void {
  moves.forEach((move, index) => {
    const before = moves[index - 1];
    requireDays(move.after, `${path}[${index}].after`, problems);
    if (before !== undefined && TIERS.indexOf(move.tier) <= TIERS.indexOf(before.tier)) {
      problems.add(
        'tier-order',
        `${path}[${index}].tier`,
        move.tier,
        `must be a cheaper tier than ${before.tier}, from which it moves: ${TIERS.join(', ')} in this order`,
        'order the moves from the quickest tier to the cheapest',
      );
    }
    if (before !== undefined && secondsOf(move.after) <= secondsOf(before.after)) {
      const days = secondsOf(before.after) / DAY;
      problems.add(
        'tier-order',
        `${path}[${index}].after`,
        daysText(move.after),
        `must be later than the move before it, at ${daysText(before.after)}`,
        `use Duration.days(${Math.floor(days) + 1}) or more`,
      );
    }
  });
}

function validateOperator(
  operator: AzureServiceOperatorConfig,
  storage: ObjectStorage,
  path: string,
  problems: Problems,
): void {
  const { ownerName, ownerArmId, apiVersion } = operator;
  if (storage.provider !== StorageProvider.AZURE_BLOB) {
    problems.add(
      'operator-provider',
      path,
      storage.provider,
      'has no policy that Azure Service Operator could apply: only azureBlob has',
      'leave azureServiceOperator out',
    );
  }
  if ((ownerName === undefined) === (ownerArmId === undefined)) {
    problems.add(
      'operator-owner',
      path,
      ownerName === undefined ? undefined : 'ownerName and ownerArmId',
      'must have exactly one of: ownerName, ownerArmId',
      ownerName === undefined ? 'give ownerName' : 'keep ownerName and remove ownerArmId',
    );
  }
  if (ownerName !== undefined) {
    requireName(ownerName, `${path}.ownerName`, RFC_1123_LABEL, 63, problems);
  }
  if (ownerArmId !== undefined && !/^\/subscriptions\/[^/]+\/.+\/storageAccounts\/[^/]+$/.test(ownerArmId)) {
    problems.add(
      'operator-owner',
      `${path}.ownerArmId`,
      ownerArmId,
      'must be the ARM id of a storage account',
      'write it like /subscriptions/<id>/resourceGroups/<group>/providers/Microsoft.Storage/storageAccounts/<account>',
    );
  }
  if (apiVersion !== undefined && !/^storage\.azure\.com\/v[a-z0-9]+$/.test(apiVersion)) {
    problems.add(
      'operator-version',
      `${path}.apiVersion`,
      apiVersion,
      'must be a version of the group storage.azure.com',
      'use storage.azure.com/v1api20230101',
    );
  }
}

/** Every provider counts in days. */
export function requireDays(duration: Duration | undefined, path: string, problems: Problems): void {
  if (duration === undefined) {
    return;
  }
  const days = secondsOf(duration) / DAY;
  if (!Number.isInteger(days) || days < 1) {
    problems.add(
      'days-not-whole',
      path,
      daysText(duration),
      'must be whole days, at least one: stores count in days',
      `use Duration.days(${Math.max(1, Math.ceil(days))})`,
    );
  }
}

function daysText(duration: Duration): string {
  return `${Number((secondsOf(duration) / DAY).toFixed(3))} days`;
}
