import type { Schedule } from '../schedule';
import type { ImageRef } from './image';
import { nearestName } from './names';
import type { Problems } from './problem';
import type { Retention } from './retention';

/** Checks a name against a pattern and the length that Kubernetes or an operator allows. */
export function requireName(name: string, path: string, pattern: RegExp, limit: number, problems: Problems): void {
  const shown = name === '' ? undefined : name;
  if (name.length > limit) {
    problems.add(
      'name-too-long',
      path,
      shown,
      `has ${name.length} characters; at most ${limit} are allowed`,
      `use ${nearestName(name, limit)}`,
    );
  } else if (!pattern.test(name)) {
    problems.add(
      'name-invalid',
      path,
      shown,
      'must be lower-case letters, digits and hyphens',
      `use ${nearestName(name, limit)}`,
    );
  }
}

/** Checks that a number, where given, is whole and not below a minimum. */
export function requirePositive(value: number | undefined, path: string, minimum: number, problems: Problems): void {
  if (value !== undefined && (!Number.isInteger(value) || value < minimum)) {
    problems.add(
      'number-out-of-range',
      path,
      value,
      `must be a whole number of at least ${minimum}`,
      `use ${Math.max(minimum, Math.round(value) || minimum)}`,
    );
  }
}

/** Reports what a schedule itself finds wrong. */
export function validateSchedule(schedule: Schedule | undefined, path: string, problems: Problems): void {
  for (const problem of schedule?.problems() ?? []) {
    problems.add(problem.rule, path, problem.actual, problem.message, problem.fix);
  }
}

/** Reports what keeps CloudNativePG from running a schedule as written. */
export function validateCnpgSchedule(schedule: Schedule | undefined, path: string, problems: Problems): void {
  for (const problem of schedule?.cnpgProblems() ?? []) {
    problems.add(problem.rule, path, problem.actual, problem.message, problem.fix);
  }
}

/** Checks that a retention keeps something, and at least one copy whatever its age. */
export function validateRetention(retention: Retention, path: string, problems: Problems): void {
  const seconds = retention.longest().toSeconds();
  if (seconds <= 0) {
    problems.add('retention-empty', path, `${seconds} s`, 'must keep copies for some time', 'use Retention.days(30)');
  }
  requirePositive(retention.keepAtLeast, `${path}.keepAtLeast`, 1, problems);
}

/** Checks that an image is pinned. */
export function validateImage(image: ImageRef | undefined, path: string, problems: Problems): void {
  const problem = image?.problem() ?? '';
  if (image !== undefined && problem !== '') {
    problems.add(
      'image-unpinned',
      path,
      image.reference,
      `${problem}; a tag other than latest, or a digest, is required`,
      'pin the tag that you tested',
    );
  }
}

/** Each tier of jobs is a series of its own, all of one age class; thinning one out by age is for snapshots. */
export function requireOneWindow(retention: Retention, path: string, copies: string, problems: Problems): void {
  const { hourly, daily, weekly } = retention.tiers;
  if (hourly !== undefined || daily !== undefined || weekly !== undefined) {
    problems.add(
      'retention-tiers',
      path,
      'hourly, daily or weekly classes',
      `must be one window: ${copies} are not thinned out`,
      copies === 'dumps' ? 'use Retention.days(...), and a tier of dumps per cadence' : 'use Retention.days(...)',
    );
  }
}
