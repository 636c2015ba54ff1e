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
  return plainCode([text, ...sourced(text, scripts)].join('\n'));
}

/** Code without comments, quoted text and here-documents. */
export function plainCode(text: string): string {
  return text
    .replace(/^\s*#.*$/gm, '')
    .replace(/<<END\n[\s\S]*?\nEND/g, '')
    .replace(/\\\n/g, ' ')
    .replace(/'[^']*'/g, "''");
}

/** Lines of code with a pipe, which is not the bar between two patterns of a case nor an or. */
export function pipesIn(code: string): string[] {
  const casePattern = /^\s*('' )?[\w'"*. ]*(\| ?[\w'"*. ]+)+\)/;
  return code.split('\n').filter((line) => line.replace(casePattern, '').replaceAll('||', '').includes('|'));
}

/** Lines of code that leave a command running in the background. */
export function backgroundIn(code: string): string[] {
  return code.split('\n').filter((line) => /(^|[^&>])&(\s|$)/.test(line));
}

/** What a script reads with `.`, and what that reads, each once. */
function sourced(text: string, scripts: ReadonlyMap<string, string>): string[] {
  const names = new Set<string>();
  const follow = (part: string): void => {
    for (const [, name = ''] of part.matchAll(/^\s*\. "\$\{0%\/\*\}\/(.+)"$/gm)) {
      if (!names.has(name)) {
        names.add(name);
        follow(scripts.get(name) ?? '');
      }
    }
  };
  follow(text);
  return [...names].map((name) => scripts.get(name) ?? '');
}
