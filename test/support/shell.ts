/** Environment inputs that a script documents in its head, and those that it reads itself or through what it sources. */
export function inputsOf(
  text: string,
  scripts: ReadonlyMap<string, string>,
): { readonly documented: string[]; readonly used: string[] } {
  const head = text.slice(0, text.indexOf('set -eu'));
  const documented = [...head.matchAll(/^# {3}([A-Z][A-Z0-9_]+) /gm)].map((match) => match[1] ?? '');
  const all = [text, ...sourced(text, scripts)].join('\n').replace(/^\s*#.*$/gm, '');
  const assigned = new Set([...all.matchAll(/(?:^|[\s;])(?:export )?([A-Z][A-Z0-9_]+)=/gm)].map((match) => match[1]));
  const used = [...all.matchAll(/\$\{?([A-Z][A-Z0-9_]+)/g)]
    .map((match) => match[1] ?? '')
    .filter((name) => !assigned.has(name));
  return { documented, used: [...new Set(used)] };
}

/** The code of a script and of what it sources, without comments, quoted text and here-documents. */
export function codeOf(name: string, scripts: ReadonlyMap<string, string>): string {
  const text = scripts.get(name) ?? '';
  return [text, ...sourced(text, scripts)]
    .join('\n')
    .replace(/^\s*#.*$/gm, '')
    .replace(/<<END\n[\s\S]*?\nEND/g, '')
    .replace(/\\\n/g, ' ')
    .replace(/'[^']*'/g, "''");
}

function sourced(text: string, scripts: ReadonlyMap<string, string>): string[] {
  return [...text.matchAll(/^\. "\$\{0%\/\*\}\/(.+)"$/gm)].map((match) => scripts.get(match[1] ?? '') ?? '');
}
