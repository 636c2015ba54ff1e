import type { Problem } from '../config';
import type { Finding } from './finding';

/** A config that cannot be used, with everything that is wrong with it. */
export class DisasterRecoveryError extends Error {
  public constructor(
    /** Mistakes in the config itself. */
    public readonly problems: Problem[],
    /** Objectives that the config cannot meet. */
    public readonly findings: Finding[],
  ) {
    super(render(problems, findings));
    this.name = 'DisasterRecoveryError';
  }
}

function render(problems: readonly Problem[], findings: readonly Finding[]): string {
  const entries = [
    ...problems.map((problem) =>
      entry(problem.path, problem.rule, `${quote(problem.actual)} ${problem.message}`, problem.fix),
    ),
    ...findings.map((finding) =>
      entry(finding.path, finding.rule, `${finding.asset}: ${finding.message}`, finding.fix),
    ),
  ];
  const count = entries.length === 1 ? '1 problem' : `${entries.length} problems`;
  return [`the disaster-recovery config has ${count}; nothing was written`, ...entries].join('\n');
}

function entry(path: string, rule: string, text: string, fix: string): string {
  return `\n  ${path}  [${rule}]\n    ${text}\n    fix: ${fix}`;
}

function quote(actual: string): string {
  return actual.startsWith('(') ? actual : `"${actual}"`;
}
