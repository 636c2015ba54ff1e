import { StorageProvider } from '../../lib';

/** What the rules of a policy do to a list of keys. */
export interface LifecycleMatch {
  /** Names of the rules that match each key. */
  readonly rules: Map<string, string[]>;
  /** Keys that no rule matches. */
  readonly keysWithoutRule: string[];
  /** Names of the rules that match no key. */
  readonly rulesWithoutKey: string[];
}

/** One rule of any provider: its name, and prefixes of `<container>/<key>` on Azure, of the key elsewhere. */
interface PrefixRule {
  readonly name: string;
  readonly prefixes: string[];
}

/** The parts of the three policies that say what a rule matches. */
interface Policy {
  readonly rules?: { name: string; enabled?: boolean; definition: { filters?: { prefixMatch?: string[] } } }[];
  readonly Rules?: { ID: string; Status: string; Filter?: { Prefix?: string; And?: { Prefix?: string } } }[];
  readonly rule?: { action: { type: string }; condition: { matchesPrefix?: string[] } }[];
}

/**
 * Tells which rules of a provider's policy, as `lifecycle.json` has it, match which keys. `keys` are below the container or bucket;
 * `container` is needed on Azure, where prefixes start with it. A rule without a prefix matches everything, as providers have it.
 */
export function matchLifecycle(
  provider: StorageProvider,
  policy: Policy,
  keys: readonly string[],
  container: string = '',
): LifecycleMatch {
  const rules = READERS[provider](policy);
  const place = provider === StorageProvider.AZURE_BLOB ? `${container}/` : '';
  const matches = ({ prefixes }: PrefixRule, key: string): boolean =>
    prefixes.length === 0 || prefixes.some((prefix) => `${place}${key}`.startsWith(prefix));
  const found = new Map(
    keys.map((key) => [key, rules.filter((rule) => matches(rule, key)).map(({ name }) => name)] as const),
  );
  return {
    rules: found,
    keysWithoutRule: keys.filter((key) => found.get(key)?.length === 0),
    rulesWithoutKey: rules.filter((rule) => !keys.some((key) => matches(rule, key))).map(({ name }) => name),
  };
}

const READERS: Record<StorageProvider, (policy: Policy) => PrefixRule[]> = {
  [StorageProvider.AZURE_BLOB]: ({ rules = [] }) =>
    rules
      .filter(({ enabled }) => enabled !== false)
      .map(({ name, definition }) => ({ name, prefixes: definition.filters?.prefixMatch ?? [] })),
  [StorageProvider.S3]: ({ Rules = [] }) =>
    Rules.filter(({ Status }) => Status === 'Enabled').map(({ ID, Filter }) => {
      const prefix = Filter?.Prefix ?? Filter?.And?.Prefix ?? '';
      return { name: ID, prefixes: prefix === '' ? [] : [prefix] };
    }),
  [StorageProvider.GCS]: ({ rule = [] }) =>
    rule.map(({ action, condition }, index) => ({
      name: `rule[${index}] ${action.type}`,
      prefixes: condition.matchesPrefix ?? [],
    })),
};
