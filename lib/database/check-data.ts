import type { ValidationCheck } from '../config';

/** One file per check, numbered so that reports keep the config's order. */
export function checkData(checks: readonly ValidationCheck[]): Record<string, string> {
  return Object.fromEntries(
    checks.map((check, index) => {
      const number = String(index + 1).padStart(2, '0');
      const name = check.name.replace(/[^A-Za-z0-9_.-]+/g, '-');
      return [`${number}-${name}.sql`, `${check.statement.trim().replace(/;$/, '')};\n`];
    }),
  );
}
