/** From a schema written down as data to the TypeScript types of its tables. */

/** What a schema is made of; the constants that declare one satisfy it. */
export interface SchemaShape {
  readonly tables: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly enumValues: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly unionMembers: Readonly<Record<string, readonly string[]>>;
}

/** Name of an enumeration value; a number that the schema does not know is spelled `UNKNOWN_n`. */
export type EnumValueIn<S extends SchemaShape, E extends keyof S['enumValues']> =
  (keyof S['enumValues'][E] & string) | `UNKNOWN_${number}`;

type MemberIn<S extends SchemaShape, U extends keyof S['unionMembers']> = S['unionMembers'][U][number] &
  keyof S['tables'];

/** A union's table with its name: `{ type: 'Conv2DOptions', value: { strideW: 1, … } }`. */
export type UnionValueIn<S extends SchemaShape, U extends keyof S['unionMembers']> = {
  [M in MemberIn<S, U>]: { readonly type: M; readonly value: TableIn<S, M> };
}[MemberIn<S, U>];

/** What a table looks like once read: absent text, vectors, tables and unions are null. */
export type TableIn<S extends SchemaShape, T extends keyof S['tables']> = {
  readonly [K in keyof S['tables'][T]]: ValueIn<S, S['tables'][T][K]>;
};

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

type ValueIn<S extends SchemaShape, F> = F extends { kind: 'scalar'; storage: infer N }
  ? ScalarOf<N>
  : F extends { kind: 'bool' }
    ? boolean
    : F extends { kind: 'enumeration'; of: infer E extends keyof S['enumValues'] }
      ? EnumValueIn<S, E>
      : F extends { kind: 'vector'; storage: infer N extends keyof VectorOf }
        ? VectorOf[N] | null
        : F extends { kind: 'enums'; of: infer E extends keyof S['enumValues'] }
          ? readonly EnumValueIn<S, E>[] | null
          : F extends { kind: 'string' }
            ? string | null
            : F extends { kind: 'strings' }
              ? readonly string[] | null
              : F extends { kind: 'table'; of: infer T extends keyof S['tables'] }
                ? TableIn<S, T> | null
                : F extends { kind: 'tables'; of: infer T extends keyof S['tables'] }
                  ? readonly TableIn<S, T>[] | null
                  : F extends { kind: 'union'; of: infer U extends keyof S['unionMembers'] }
                    ? UnionValueIn<S, U> | null
                    : never;
