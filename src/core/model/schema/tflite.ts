/** The TFLite schema ready for use: its codec form, its enumeration names, and tables made by hand. */
import { compileSchema } from '../codec/compiled-schema';
import { EnumNames } from './enum-names';
import {
  enumStorage,
  enumValues,
  tables,
  unionMembers,
  type EnumName,
  type EnumValue,
  type Table,
  type TableName,
} from './index';

export const tfliteSchema = compileSchema({ tables, enumValues, enumStorage, unionMembers });

const enumNames = new Map(Object.entries(enumValues).map(([name, values]) => [name, new EnumNames(values)]));

/** Name of a stored enumeration value, `UNKNOWN_n` where the schema has none. */
export function enumNameOf<E extends EnumName>(of: E, number: number): EnumValue<E> {
  return enumNames.get(of)!.nameOf(number) as EnumValue<E>;
}

/** Stored number of an enumeration value; NaN for a text that is neither a name nor `UNKNOWN_n`. */
export function enumNumberOf<E extends EnumName>(of: E, name: EnumValue<E>): number {
  return enumNames.get(of)!.numberOf(name);
}

/** A table with the given fields and every other field as the file reads when it is left out; frozen. */
export function makeTable<T extends TableName>(name: T, fields: Partial<Table<T>> = {}): Table<T> {
  const absent = Object.fromEntries(tfliteSchema.table(name).fields.map(({ key, absent }) => [key, absent]));
  return Object.freeze({ ...absent, ...fields }) as Table<T>;
}
