/** A declared schema in the form that the decoder and the encoder walk: one flat row per field. */
import { EnumNames } from '../schema/enum-names';
import type { Field, ScalarStorage } from '../schema/field';

/** A set of tables, enumerations and unions that belong together, e.g. the TFLite schema. */
export interface SchemaSet {
  readonly tables: Readonly<Record<string, Readonly<Record<string, Field>>>>;
  readonly enumValues: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly enumStorage: Readonly<Record<string, ScalarStorage>>;
  /** The member at index i has type number i + 1. */
  readonly unionMembers: Readonly<Record<string, readonly string[]>>;
}

export interface CompiledField {
  readonly key: string;
  readonly kind: Field['kind'];
  readonly slot: number;
  /** Storage of the number, or of one element of a vector; null for tables, texts and unions. */
  readonly storage: ScalarStorage | null;
  /** Size in bytes of that number; 4 for references. */
  readonly size: number;
  /** Least alignment of a vector's data in bytes. */
  readonly align: number;
  /** Value when the file leaves the field out. */
  readonly absent: unknown;
  readonly names: EnumNames | null;
  /** Table of a `table` or `tables` field. */
  readonly of: string;
  readonly members: readonly string[];
}

export interface CompiledTable {
  readonly name: string;
  readonly fields: readonly CompiledField[];
  /** Whether slot i is one that the schema knows. */
  readonly isKnownSlot: readonly boolean[];
}

export interface CompiledSchema {
  table(name: string): CompiledTable;
}

export const storageBytes: Readonly<Record<ScalarStorage, number>> = {
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  float32: 4,
  float64: 8,
};

/** Prepares a schema; tables are compiled when they are first met. */
export function compileSchema(set: SchemaSet): CompiledSchema {
  const enumNames = new Map(
    Object.entries(set.enumValues).map(([name, values]) => [name, new EnumNames(values)]),
  );
  const done = new Map<string, CompiledTable>();

  function compileField(key: string, field: Field): CompiledField {
    const names = 'of' in field ? (enumNames.get(field.of) ?? null) : null;
    const storage = storageOf(set, field);
    return {
      key,
      kind: field.kind,
      slot: field.slot,
      storage,
      size: storage === null ? 4 : storageBytes[storage],
      align: field.kind === 'vector' ? field.align : 0,
      absent: absentValue(field, names),
      names,
      of: 'of' in field ? field.of : '',
      members: field.kind === 'union' ? (set.unionMembers[field.of] ?? []) : [],
    };
  }

  return {
    table(name) {
      let compiled = done.get(name);
      if (compiled === undefined) {
        const declared = set.tables[name];
        if (declared === undefined) throw new Error(`Internal error: the schema has no table ${name}`);
        const fields = Object.entries(declared).map(([key, field]) => compileField(key, field));
        const isKnownSlot: boolean[] = [];
        for (const field of fields) {
          isKnownSlot[field.slot] = true;
          if (field.kind === 'union') isKnownSlot[field.slot + 1] = true;
        }
        compiled = { name, fields, isKnownSlot };
        done.set(name, compiled);
      }
      return compiled;
    },
  };
}

/** Value of a field that the file leaves out: its preset, or null for everything that can be absent. */
function absentValue(field: Field, names: EnumNames | null): unknown {
  switch (field.kind) {
    case 'scalar':
      return field.storage === 'int64' || field.storage === 'uint64' ? BigInt(field.preset) : field.preset;
    case 'bool':
      return field.preset;
    case 'enumeration':
      return field.preset ?? names?.nameOf(0);
    default:
      return null;
  }
}

function storageOf(set: SchemaSet, field: Field): ScalarStorage | null {
  switch (field.kind) {
    case 'scalar':
      return field.storage;
    case 'vector':
      return field.storage === 'bool' ? 'uint8' : field.storage;
    case 'bool':
      return 'uint8';
    case 'enumeration':
    case 'enums':
      return set.enumStorage[field.of] ?? 'int8';
    default:
      return null;
  }
}

/** Whether the value lies in the table itself, not behind a reference. */
export function isInline(field: CompiledField): boolean {
  return field.kind === 'scalar' || field.kind === 'bool' || field.kind === 'enumeration';
}

/** Bytes that the field takes in its table: the number, or a 4-byte reference. */
export function inlineBytes(field: CompiledField): number {
  return isInline(field) ? field.size : 4;
}
