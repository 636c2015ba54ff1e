import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { nextgen } from '../../app';
import { ObjectStorage, planAlerts, planRecovery, RECORDED_METRICS } from '../../lib';

const page = readFileSync(join(__dirname, '../../docs/alerts.md'), 'utf8');
const storage = ObjectStorage.azureBlob({ account: 'shop', container: 'backups', sasToken: { secretName: 'sas' } });
const alerts = planAlerts(planRecovery({ ...nextgen, storage, monitoring: {} }));

it('docs/alerts.md lists every alert with the severities that it has', () => {
  const listed = [...page.matchAll(/^\| `([A-Z]\w+)` \| ([a-z, ]+) \|/gm)].flatMap(([, name, severities = '']) =>
    severities.split(', ').map((severity) => `${name} ${severity}`),
  );
  const planned = new Set(alerts.map(({ name, severity }) => `${name} ${severity}`));
  expect(new Set(listed)).toEqual(planned);
  expect(listed).toHaveLength(planned.size);
});

it('docs/alerts.md lists every recorded metric', () => {
  const listed = new Set([...page.matchAll(/`((?:postgres_)?backup_\w+)`/g)].map((match) => match[1]));
  for (const { name } of Object.values(RECORDED_METRICS)) {
    expect(listed.has(name), name).toBe(true);
  }
});
