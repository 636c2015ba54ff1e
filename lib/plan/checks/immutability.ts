import { formatSeconds } from '../../config';
import type { LifecycleDialect } from '../../storage';
import type { Finding } from '../finding';
import type { LifecyclePlan, WrittenPrefix } from '../lifecycle-plan';
import { Remover } from '../lifecycle-plan';
import { error, pathOf } from './lifecycle';

const DAY = 86400;

/** What is written to a store with an immutability period (WORM). */
export interface ImmutabilityUnderCheck {
  readonly immutableDays: number;
  readonly written: readonly WrittenPrefix[];
  readonly dialect: LifecycleDialect;
  /**
   * The rules.
   * @default - none configured
   */
  readonly plan?: LifecyclePlan;
}

/** Who removes something during the immutability period fails, every time; or believes it removed what stays. */
export function checkImmutability(check: ImmutabilityUnderCheck): Finding[] {
  return [...outlastsRetention(check), ...outlastsRules(check)];
}

function outlastsRetention({ immutableDays, written, dialect }: ImmutabilityUnderCheck): Finding[] {
  const seen = new Set<string>();
  return written.flatMap(({ path, asset, content, remover, removedBy, retention }) => {
    const removes = remover === Remover.JOB || remover === Remover.BARMAN;
    if (!removes || retention >= immutableDays * DAY || seen.has(path)) {
      return [];
    }
    seen.add(path);
    const consequence = dialect.immutableDeletionFails
      ? 'and fails until then'
      : 'but the protected version stays until then';
    return [
      {
        ...error('immutable-beyond-retention', path, asset),
        actual: formatSeconds(retention),
        limit: `at least ${immutableDays}d`,
        message: `${removedBy} removes ${content} after ${formatSeconds(retention)}, ${consequence}: the store protects them for ${immutableDays}d`,
        fix: `keep them for ${immutableDays} days or more, or shorten the period of the store and storage.immutableDays to ${Math.floor(retention / DAY)}`,
      },
    ];
  });
}

function outlastsRules({ immutableDays, plan }: ImmutabilityUnderCheck): Finding[] {
  return (plan?.rules ?? []).flatMap((rule) => {
    const { deleteAfterDays } = rule;
    if (deleteAfterDays === undefined || deleteAfterDays >= immutableDays) {
      return [];
    }
    return [
      {
        ...error('immutable-beyond-rule', pathOf(rule, 'deleteAfter')),
        actual: `${deleteAfterDays}d`,
        limit: `at least ${immutableDays}d`,
        message: `rule ${rule.name} deletes after ${deleteAfterDays}d, but the store protects objects for ${immutableDays}d: the rule says what does not happen`,
        fix: `use Duration.days(${immutableDays}) or more`,
      },
    ];
  });
}
