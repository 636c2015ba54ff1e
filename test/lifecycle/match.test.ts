import { describe, expect, it } from 'vitest';
import { StorageProvider } from '../../lib';
import { matchLifecycle } from '../support/lifecycle-match';

const keys = ['postgres/daily/20240115T020000Z/backup.json', 'postgres/daily-old/x', 'other/y'];

const azureRule = (name: string, prefixMatch: string[] | undefined, enabled: boolean = true) => ({
  name,
  enabled,
  definition: { filters: { blobTypes: ['blockBlob'], ...(prefixMatch && { prefixMatch }) } },
});

describe('which rule matches which key', () => {
  it('on Azure counts the container as part of the prefix', () => {
    const policy = {
      rules: [azureRule('daily', ['backups/postgres/daily/']), azureRule('wrong', ['postgres/daily/'])],
    };
    const found = matchLifecycle(StorageProvider.AZURE_BLOB, policy, keys, 'backups');
    expect([...found.rules.values()]).toEqual([['daily'], [], []]);
    expect(found.keysWithoutRule).toEqual(keys.slice(1));
    expect(found.rulesWithoutKey).toEqual(['wrong']);
  });

  it('on Azure leaves disabled rules out, and lets one without prefix match all', () => {
    const policy = { rules: [azureRule('off', ['backups/other/'], false), azureRule('all', undefined)] };
    const found = matchLifecycle(StorageProvider.AZURE_BLOB, policy, keys, 'backups');
    expect([...found.rules.values()]).toEqual([['all'], ['all'], ['all']]);
    expect(found.rulesWithoutKey).toEqual([]);
  });

  it('on S3 reads the prefix of a filter, plain or combined', () => {
    const policy = {
      Rules: [
        { ID: 'daily', Status: 'Enabled', Filter: { Prefix: 'postgres/daily' } },
        { ID: 'other', Status: 'Enabled', Filter: { And: { Prefix: 'other/', Tags: [] } } },
        { ID: 'off', Status: 'Disabled', Filter: { Prefix: '' } },
      ],
    };
    const found = matchLifecycle(StorageProvider.S3, policy, keys);
    expect([...found.rules.values()]).toEqual([['daily'], ['daily'], ['other']]);
    expect(found.keysWithoutRule).toEqual([]);
  });

  it('on GCS tells rules, which have no name, by position and action', () => {
    const policy = {
      rule: [
        { action: { type: 'Delete' }, condition: { age: 1, matchesPrefix: ['other/', 'postgres/daily/'] } },
        { action: { type: 'Delete' }, condition: { age: 1, matchesPrefix: ['nothing/'] } },
      ],
    };
    const found = matchLifecycle(StorageProvider.GCS, policy, keys);
    expect([...found.rules.values()]).toEqual([['rule[0] Delete'], [], ['rule[0] Delete']]);
    expect(found.rulesWithoutKey).toEqual(['rule[1] Delete']);
  });
});
