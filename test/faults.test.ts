import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Rows of the first table: the fault, the title of the test that proves it, and its file. Figures follow in the section of the soak. */
const [promised = ''] = readFileSync('docs/faults.md', 'utf8').split('\n## The soak\n');
const rows = promised
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| Fault '))
  .map((line) =>
    line
      .split('|')
      .slice(1, 4)
      .map((cell) => cell.trim()),
  )
  .map(([fault = '', title = '', file = '']) => ({ fault, title, file: file.replaceAll('`', '') }));

describe('the table of faults', () => {
  it.each(rows)('names a test that exists: $fault', ({ title, file }) => {
    expect(existsSync(file), file).toBe(true);
    const text = readFileSync(file, 'utf8').replaceAll("\\'", "'");
    expect(
      [`'${title}'`, `"${title}"`, `\`${title}`].some((quoted) => text.includes(quoted)),
      title,
    ).toBe(true);
  });

  it.each(['test/scripts/faults', 'test/cluster/faults'])('has every test in %s', (folder) => {
    const files = readdirSync(folder).filter((name) => name.endsWith('.test.ts'));
    expect(files).not.toEqual([]);
    for (const name of files) {
      const titles = rows.filter(({ file }) => file === join(folder, name)).length;
      const tests = [...readFileSync(join(folder, name), 'utf8').matchAll(/^ *it(\.each)?\(/gm)].length;
      // A test with a title for each of its cases may have as many rows.
      expect(titles, name).toBeGreaterThanOrEqual(tests);
    }
  });
});
