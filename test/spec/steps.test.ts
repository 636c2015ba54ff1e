import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import { planRecovery, runbookOf } from '../../lib';
import { find, objectsIn, render } from '../support/render';
import { sectionOf } from '../support/runbook';

const document = readFileSync(join(__dirname, '../../docs/spec.md'), 'utf8');
const steps = readFileSync(join(__dirname, 'steps.txt'), 'utf8').trim().split('\n');
const reasons = document.slice(document.indexOf('## Reasons'));
const runbook = runbookOf(planRecovery(nextgen));
const objects = objectsIn(render(nextgen));

const chapter = (number: number): string =>
  document.split(/^(?=## )/m).find((text) => text.startsWith(`## Section ${number}:`)) ?? '';

const rowsOf = (number: number) =>
  [
    ...chapter(number).matchAll(
      /^\| (.+?) \| (kept|moved|corrected) \| `(.+?)` \| (?:`` (.+?) ``|`(.+?)`) \| (?:\(`([a-z-]+)`\))? ?\|$/gm,
    ),
  ].map(([, step = '', verdict, place = '', quoted, plain, reason]) => ({
    number,
    step,
    verdict,
    place,
    text: quoted ?? plain ?? '',
    reason,
  }));
const rows = [...rowsOf(6), ...rowsOf(8)];
const items = [...chapter(10).matchAll(/^\| (?!Item|---)(.+?) \| (.+?) \|$/gm)].map(([, item = '', answer = '']) => ({
  item,
  answer,
}));

/** The text of a heading of the runbook, or of an object as it is synthesised. */
function textAt(place: string): string {
  const [kind = '', name] = place.split('/');
  if (name === undefined || place.includes(' ')) {
    return sectionOf(runbook, place);
  }
  const object = find(objects, kind, name);
  return kind === 'ConfigMap'
    ? Object.values(object.data as Record<string, string>).join('\n')
    : JSON.stringify(object);
}

describe('docs/spec.md', () => {
  it('has one row for every step of sections 6 and 8, and every item of section 10', () => {
    expect([...rows.map(({ number, step }) => `${number} ${step}`), ...items.map(({ item }) => `10 ${item}`)]).toEqual(
      steps,
    );
  });

  it.each(rows)('is true of what is generated: $step is $verdict', ({ verdict, place, text, reason }) => {
    expect(textAt(place)).toContain(text);
    expect(reason === undefined).toBe(verdict === 'kept');
    if (reason !== undefined) {
      expect(reasons).toContain(`\n| ${reason} | `);
    }
  });

  it.each(items)('says what the checklist of the runbook says: $item', ({ item, answer }) => {
    expect(sectionOf(runbook, 'Checklist')).toContain(`**${item}** (${answer})`);
  });
});
