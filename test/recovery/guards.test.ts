import { describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import { planRecovery, runbookOf } from '../../lib';
import { proceduresOf, shellBlocks } from '../../lib/recovery';
import { guarded } from '../../lib/recovery/deletion';
import { stepLines } from '../../lib/recovery/shell';
import { examples } from '../support/configs';

/** What removes something. */
const DESTRUCTIVE =
  /kubectl delete|\bDROP (DATABASE|TABLE|SCHEMA|ROLE)|\bTRUNCATE\b|\bdropdb\b|\brm -[a-z]*[rf]|rclone (purge|delete|deletefile|sync|move|cleanup)|etcdctl del|\bmkfs/i;

/** What holds no data: pods, jobs with what belongs to them, and files that the same block has made. */
const HARMLESS = [
  /^kubectl delete pod\/look-into-"\$\{CLAIM:\?\}" -n [a-z0-9-]+$/,
  /^kubectl delete job,serviceaccount,networkpolicy [a-z0-9-]+ -n [a-z0-9-]+ --ignore-not-found$/,
  /^rm -rf ordered$/,
];

const GUARD =
  /^CONFIRM_DELETE=''\nif \[ "\$\{CONFIRM_DELETE:\?\}" = "[^"]+" \]; then\n(?: {2}.*\n)+else\n {2}echo .*\nfi$/gm;

/** Destructive lines of a document that nobody had to confirm, in its blocks and in its sentences. */
function unguarded(markdown: string): string[] {
  const blocks = shellBlocks(markdown).map((lines) => lines.replace(GUARD, ''));
  const sentences = markdown
    .replace(/^```sh\n[\s\S]*?\n```$/gm, '')
    .split('\n')
    .flatMap((line) => [...line.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code));
  return [...blocks.flatMap((lines) => lines.split('\n')), ...sentences]
    .map((line) => line.trim())
    .filter((line) => DESTRUCTIVE.test(line) && !HARMLESS.some((pattern) => pattern.test(line)));
}

describe.each(examples)('the runbook of %s', (_, config) => {
  const runbook = runbookOf(planRecovery(config));

  it('removes nothing that holds data unless its name was written right above the command', () => {
    expect(unguarded(runbook)).toEqual([]);
  });

  it('asks for a name in every guard, and never for an empty or the same one twice in a block', () => {
    for (const lines of shellBlocks(runbook)) {
      const names = [...lines.matchAll(/"\$\{CONFIRM_DELETE:\?\}" = "([^"]*)"/g)].map(([, name]) => name);
      expect(names).not.toContain('');
      expect(new Set(names).size).toBe(names.length);
      expect(lines.split("\nCONFIRM_DELETE=''\n").length - 1).toBe(names.length);
    }
  });
});

describe('a back-out', () => {
  const { databases, volumes } = proceduresOf(planRecovery(nextgen));

  it('of an import removes the content too, to which no other snapshot would ever be bound', () => {
    expect(volumes[0]?.import.backOutCommand).toMatch(
      /kubectl delete persistentvolumeclaim\/.* volumesnapshots\..*\n {2}kubectl delete volumesnapshotcontents\.snapshot\.storage\.k8s\.io\/"\$\{SNAPSHOT:\?\}"\n/,
    );
  });

  it('of a recovered Cluster removes what it has archived, and nothing of the archive that it was made from', () => {
    for (const { backOutCommand = '' } of [...(databases[0]?.ownName ?? []), ...(databases[0]?.beside ?? [])]) {
      const purged = [...backOutCommand.matchAll(/rclone purge \S+/g)].map(([line]) => line);
      expect(purged).toEqual([`rclone purge store:backups/postgres/${databases[0]?.database.archive.nextServerName}`]);
    }
  });
});

describe('what exists already', () => {
  const [{ lostRows, dump } = {}] = proceduresOf(planRecovery(nextgen)).databases;

  it('keeps rows of another moment from being put back', () => {
    const create = stepLines(lostRows?.steps[0] ?? { text: '' });
    expect(create.split('\n')[0]).toBe("kubectl create --save-config -f - <<YAML || TABLE=''");
    expect(lostRows?.steps[1]?.command).toContain(" -q || TABLE=''\n");
  });

  it('keeps a dump from being loaded into a database that this procedure has not made', () => {
    expect(dump?.steps[0]?.command).toMatch(/^.*\nMADE=''\n.*CREATE DATABASE .* && MADE=yes$/);
    expect(stepLines(dump?.steps[1] ?? { text: '' })).toMatch(/^: "\$\{MADE:\?\}" && kubectl create /);
  });
});

describe('a guard', () => {
  const lines = guarded({ what: 'Cluster a with its volumes', name: 'a', command: 'kubectl delete cluster a -n b' });
  const document = (text: string): string => `# Page\n\n\`\`\`sh\n${text}\n\`\`\`\n`;

  it('is found as one, and its command is found where it stands alone', () => {
    expect(unguarded(document(`true\n${lines}\ntrue`))).toEqual([]);
    expect(unguarded(document('kubectl delete cluster a -n b'))).toEqual(['kubectl delete cluster a -n b']);
    expect(unguarded(document(`${lines}\nkubectl delete cluster b -n b`))).toEqual(['kubectl delete cluster b -n b']);
    expect(unguarded('Undo it with `kubectl delete -f ordered/`.\n')).toEqual(['kubectl delete -f ordered/']);
    expect(unguarded(document(lines.replace("CONFIRM_DELETE=''\n", '')))).not.toEqual([]);
  });
});
