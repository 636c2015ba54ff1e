import { formatSeconds } from '../config';
import type { RecoveryPlan } from '../plan';
import type { AlertPage } from './alerts';
import { alertPages } from './alerts';
import { checklistLines, checklistOf } from './checklist';
import { anchorOf, expectedTime, linkTo, procedureSection, shellBlock } from './markdown';
import type { Procedures } from './procedures';
import { everyProcedure, proceduresOf } from './procedures';
import type { Scenario } from './scenario';
import { scenariosOf } from './scenarios';
import { stepLines } from './shell';

/** The runbook of a plan as one Markdown document: what happened, what to do, and how each thing is restored. */
export function runbookOf(plan: RecoveryPlan): string {
  const procedures = proceduresOf(plan);
  const scenarios = scenariosOf(plan, procedures);
  const alerts = alertPages(plan, procedures);
  return `${[
    ...head(plan),
    '## What happened?',
    '',
    ...scenarios.map(({ title, symptom }) => `- ${linkTo(title)}: ${symptom}`),
    '',
    ...objectives(plan),
    ...scenarios.flatMap(scenarioSection),
    '## Procedures',
    '',
    'Blocks are POSIX shell; paste them into one shell, in their order. Objects are created and never overwritten: what exists already stops a procedure. An empty variable stops the command that needs it.',
    '',
    ...everyProcedure(procedures).flatMap((procedure) => [procedureSection(procedure), '']),
    '## Alerts',
    '',
    ...alerts.flatMap(alertSection),
    ...checklistSection(plan, procedures),
  ].join('\n')}`;
}

function head(plan: RecoveryPlan): string[] {
  const { site, runbook } = plan;
  const { contacts, name, namespace } = runbook;
  return [
    `# Recovery of ${site}`,
    '',
    'Made from the recovery plan, as the manifests are: every name in it is the real one. Print it, or keep a copy where it can be read when the cluster is gone.',
    '',
    shellBlock(`kubectl get configmap ${name} -n ${namespace} -o jsonpath='{.data.runbook\\.md}' | less`),
    '',
    ...(contacts.length === 0
      ? ['Whom to call: nobody is named (config `runbook.contacts`).', '']
      : ['Whom to call:', '', ...contacts.map((contact) => `- ${contact}`), '']),
  ];
}

function objectives({ assets }: RecoveryPlan): string[] {
  return [
    '| Asset | May lose | May take | Restored from | Loses at worst | Takes |',
    '|---|---|---|---|---|---|',
    ...assets.flatMap(({ asset, rpo, rto, protections }) =>
      protections.map(
        ({ protection, worstCaseLoss, restore }) =>
          `| ${asset} | ${formatSeconds(rpo)} | ${formatSeconds(rto)} | ${protection} | ${formatSeconds(worstCaseLoss)} | ${formatSeconds(restore.total)} ${restore.measured ? 'measured' : 'assumed'} |`,
      ),
    ),
    '',
  ];
}

function scenarioSection({
  title,
  symptom,
  decision,
  steps,
  procedures,
  worked,
  backOut,
  backOutCommand,
}: Scenario): string[] {
  return [
    `## ${title}`,
    '',
    `**Symptom.** ${symptom}`,
    '',
    '**Decision.**',
    '',
    ...decision.map((line) => `- ${line}`),
    '',
    ...steps.flatMap((step, index) => {
      const lines = stepLines(step);
      return [`**${index + 1}.** ${step.text}`, '', ...(lines === '' ? [] : [shellBlock(lines), ''])];
    }),
    `**Expected time.** ${procedures.length === 0 ? 'Not estimated.' : ''}`.trimEnd(),
    '',
    ...procedures.map((procedure) => `- ${linkTo(procedure.title)}: ${expectedTime(procedure)}`),
    ...(procedures.length === 0 ? [] : ['']),
    `**It worked when** ${worked}`,
    '',
    `**To back out:** ${backOut}`,
    '',
    ...(backOutCommand === undefined ? [] : [shellBlock(backOutCommand), '']),
  ];
}

function alertSection({ name, meaning, commands, page }: AlertPage): string[] {
  return [`### ${name}`, '', meaning, '', shellBlock(commands), '', `Go on with [${page}](#${anchorOf(page)}).`, ''];
}

function checklistSection(plan: RecoveryPlan, procedures: Procedures): string[] {
  return [
    '## Checklist',
    '',
    'What is met is answered by what is generated; the rest is for people, at intervals, or needs a setting.',
    '',
    ...checklistLines(checklistOf(plan, procedures)),
    '',
  ];
}
