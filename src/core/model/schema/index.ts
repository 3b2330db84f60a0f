/** The whole TFLite schema as data, and the type of each of its tables. */
import { enumValues } from './enums';
import type { EnumName, UnionName } from './field';
import { modelTables } from './tables-model';
import { optionTables } from './tables-options';
import { option2Tables } from './tables-options-2';
import { unionMembers } from './unions';

export { enumStorage, enumValues } from './enums';
export { unionMembers } from './unions';
export type { EnumName, Field, ScalarStorage, UnionName, VectorStorage } from './field';

/** Every table of the schema by name. */
export const tables = { ...modelTables, ...optionTables, ...option2Tables };
export type TableName = keyof typeof tables;

/** Name of an enumeration value; a number that the schema does not know is spelled `UNKNOWN_n`. */
export type EnumValue<E extends EnumName> = (keyof (typeof enumValues)[E] & string) | `UNKNOWN_${number}`;

interface VectorOf {
  bool: Uint8Array;
  int8: Int8Array;
  uint8: Uint8Array;
  int16: Int16Array;
  uint16: Uint16Array;
  int32: Int32Array;
  uint32: Uint32Array;
  int64: BigInt64Array;
  uint64: BigUint64Array;
  float32: Float32Array;
  float64: Float64Array;
}

type ScalarOf<S> = S extends 'int64' | 'uint64' ? bigint : number;

/** A union's table with its name: `{ type: 'Conv2DOptions', value: { strideW: 1, … } }`. */
export type UnionValue<U extends UnionName> = {
  [M in (typeof unionMembers)[U][number]]: { readonly type: M; readonly value: Table<M> };
}[(typeof unionMembers)[U][number]];

type ValueOf<F> = F extends { kind: 'scalar'; storage: infer S }
  ? ScalarOf<S>
  : F extends { kind: 'bool' }
    ? boolean
    : F extends { kind: 'enumeration'; of: infer E extends EnumName }
      ? EnumValue<E>
      : F extends { kind: 'vector'; storage: infer S extends keyof VectorOf }
        ? VectorOf[S] | null
        : F extends { kind: 'enums'; of: infer E extends EnumName }
          ? readonly EnumValue<E>[] | null
          : F extends { kind: 'string' }
            ? string | null
            : F extends { kind: 'strings' }
              ? readonly string[] | null
              : F extends { kind: 'table'; of: infer T extends TableName }
                ? Table<T> | null
                : F extends { kind: 'tables'; of: infer T extends TableName }
                  ? readonly Table<T>[] | null
                  : F extends { kind: 'union'; of: infer U extends UnionName }
                    ? UnionValue<U> | null
                    : never;

/** What a table of the schema looks like once read: absent text, vectors, tables and unions are null. */
export type Table<T extends TableName> = {
  readonly [K in keyof (typeof tables)[T]]: ValueOf<(typeof tables)[T][K]>;
};
