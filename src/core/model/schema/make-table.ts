/** Tables made by hand: by passes, samples and tests. */
import { enumNameOf } from './enum-names';
import type { Field } from './field';
import { tables, type Table, type TableName } from './index';

/** Value of a field that the file leaves out. */
export function absentValue(field: Field): unknown {
  switch (field.kind) {
    case 'scalar':
      return field.storage === 'int64' || field.storage === 'uint64' ? BigInt(field.preset) : field.preset;
    case 'bool':
      return field.preset;
    case 'enumeration':
      return field.preset ?? enumNameOf(field.of, 0);
    default:
      return null;
  }
}

/** A table with the given fields and every other field as the file reads when it is left out; frozen. */
export function makeTable<T extends TableName>(name: T, fields: Partial<Table<T>> = {}): Table<T> {
  const entries = Object.entries(tables[name] as Record<string, Field>);
  const absent = Object.fromEntries(entries.map(([key, field]) => [key, absentValue(field)]));
  return Object.freeze({ ...absent, ...fields }) as Table<T>;
}
