import type { Store } from '../support/store';

/** Something that befalls an object of a backup that has been committed. */
export interface Damage {
  readonly name: string;
  readonly do: (store: Store, key: string, bytes: Buffer) => Promise<void>;
}

/** What may befall an object in a store, by accident or by malice. */
export const DAMAGES: readonly Damage[] = [
  {
    name: 'object cut short',
    do: (store, key, bytes) => store.write(key, bytes.subarray(0, Math.max(1, bytes.length - 1000))),
  },
  {
    name: 'bit flipped in an object',
    do: (store, key, bytes) => {
      const copy = Buffer.from(bytes);
      const middle = copy.length >> 1;
      copy.writeUInt8(copy.readUInt8(middle) ^ 4, middle);
      return store.write(key, copy);
    },
  },
  { name: 'object deleted', do: (store, key) => store.remove(key) },
  {
    name: 'object replaced by another of its size',
    do: (store, key, bytes) => store.write(key, Buffer.alloc(bytes.length, 'x')),
  },
];
