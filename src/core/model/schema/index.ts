/** The whole TFLite schema as data, and the type of each of its tables. */
import type { enumValues } from './enums';
import { modelTables } from './tables-model';
import { optionTables } from './tables-options';
import { option2Tables } from './tables-options-2';
import type { EnumValueIn, TableIn, UnionValueIn } from './typing';
import type { unionMembers } from './unions';

export { enumStorage, enumValues } from './enums';
export { unionMembers } from './unions';
export type { Field, ScalarStorage, VectorStorage } from './field';

/** Every table of the schema by name. */
export const tables = { ...modelTables, ...optionTables, ...option2Tables };

interface Tflite {
  readonly tables: typeof tables;
  readonly enumValues: typeof enumValues;
  readonly unionMembers: typeof unionMembers;
}

export type TableName = keyof typeof tables;
export type EnumName = keyof typeof enumValues;
export type UnionName = keyof typeof unionMembers;

/** Name of an enumeration value; a number that the schema does not know is spelled `UNKNOWN_n`. */
export type EnumValue<E extends EnumName> = EnumValueIn<Tflite, E>;

/** A union's table with its name: `{ type: 'Conv2DOptions', value: { strideW: 1, … } }`. */
export type UnionValue<U extends UnionName> = UnionValueIn<Tflite, U>;

/** What a table of the schema looks like once read: absent text, vectors, tables and unions are null. */
export type Table<T extends TableName> = TableIn<Tflite, T>;
