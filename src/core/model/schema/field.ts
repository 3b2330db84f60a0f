/**
 * The vocabulary in which a flatbuffer schema is written down (`tables-*.ts`, `metadata.ts`). A field is a plain object:
 * the codec reads it at run time, the compiler at build time (`typing.ts`).
 */

export type ScalarStorage =
  'int8' | 'uint8' | 'int16' | 'uint16' | 'int32' | 'uint32' | 'int64' | 'uint64' | 'float32' | 'float64';
export type VectorStorage = ScalarStorage | 'bool';

/** One number; at its default it is not stored. */
export function scalar<S extends ScalarStorage>(slot: number, storage: S, preset = 0) {
  return { kind: 'scalar', slot, storage, preset } as const;
}
/** One boolean; at its default it is not stored. */
export function bool(slot: number, preset = false) {
  return { kind: 'bool', slot, preset } as const;
}
/** One value of an enumeration; without a preset the value stored as 0. */
export function enumeration<E extends string>(slot: number, of: E, preset: string | null = null) {
  return { kind: 'enumeration', slot, of, preset } as const;
}
/** A vector of numbers (bool as one byte each), aligned to `align` bytes on write. */
export function vector<S extends VectorStorage>(slot: number, storage: S, align = 0) {
  return { kind: 'vector', slot, storage, align } as const;
}
/** A vector of enumeration values. */
export function enums<E extends string>(slot: number, of: E) {
  return { kind: 'enums', slot, of } as const;
}
/** UTF-8 text. */
export function string(slot: number) {
  return { kind: 'string', slot } as const;
}
/** A vector of texts. */
export function strings(slot: number) {
  return { kind: 'strings', slot } as const;
}
/** A nested table. */
export function table<T extends string>(slot: number, of: T) {
  return { kind: 'table', slot, of } as const;
}
/** A vector of tables. */
export function tables<T extends string>(slot: number, of: T) {
  return { kind: 'tables', slot, of } as const;
}
/** A union: its type sits in `slot`, its table in `slot + 1`. */
export function union<U extends string>(slot: number, of: U) {
  return { kind: 'union', slot, of } as const;
}

export type Field =
  | ReturnType<typeof scalar<ScalarStorage>>
  | ReturnType<typeof bool>
  | ReturnType<typeof enumeration<string>>
  | ReturnType<typeof vector<VectorStorage>>
  | ReturnType<typeof enums<string>>
  | ReturnType<typeof string>
  | ReturnType<typeof strings>
  | ReturnType<typeof table<string>>
  | ReturnType<typeof tables<string>>
  | ReturnType<typeof union<string>>;
