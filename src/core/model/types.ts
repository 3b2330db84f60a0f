/**
 * A `.tflite` file as data. The shapes follow the schema (`schema/`), with these differences, all of them so
 * that the rest of Whittle need not care:
 * - the lists that make up the structure (subgraphs, tensors, operators, inputs, outputs, buffers, operator
 *   codes) are never null: absent is read as empty;
 * - bytes that the file keeps behind the flatbuffer (`offset`/`size`) are plain views like the others, and
 *   `outside` remembers where they were.
 * Byte vectors are views on the file, not copies. Models are frozen and never changed: a pass makes a new one
 * that shares what it did not touch.
 */
import type { EnumValue, Table, UnionValue } from './schema';

export type TensorType = EnumValue<'TensorType'>;
/** Name of a builtin operator as in the schema, e.g. `CONV_2D`; `UNKNOWN_n` when the schema has no name for it. */
export type BuiltinOperator = EnumValue<'BuiltinOperator'>;
export type BuiltinOptions = UnionValue<'BuiltinOptions'>;
export type BuiltinOptions2 = UnionValue<'BuiltinOptions2'>;
export type Quantization = Table<'QuantizationParameters'>;
export type Sparsity = Table<'SparsityParameters'>;
export type OperatorCode = Table<'OperatorCode'>;
export type Metadata = Table<'Metadata'>;
export type Tensor = Table<'Tensor'>;

export interface SignatureDef extends Omit<Table<'SignatureDef'>, 'inputs' | 'outputs'> {
  readonly inputs: readonly Table<'TensorMap'>[];
  readonly outputs: readonly Table<'TensorMap'>[];
}

export interface Operator extends Omit<
  Table<'Operator'>,
  'inputs' | 'outputs' | 'largeCustomOptionsOffset' | 'largeCustomOptionsSize'
> {
  /** Tensor indexes; -1 is an optional input left out. */
  readonly inputs: Int32Array;
  readonly outputs: Int32Array;
  /** Custom options kept behind the flatbuffer; null when there are none there. */
  readonly largeCustomOptions: Uint8Array | null;
}

export interface Subgraph extends Omit<Table<'SubGraph'>, 'tensors' | 'inputs' | 'outputs' | 'operators'> {
  readonly tensors: readonly Tensor[];
  readonly inputs: Int32Array;
  readonly outputs: Int32Array;
  readonly operators: readonly Operator[];
}

export interface ModelBuffer {
  /** The bytes, a view on the file. Null: no data (an activation), which is not the same as no bytes. */
  readonly data: Uint8Array | null;
  /** True where the bytes lie behind the flatbuffer root. */
  readonly outside: boolean;
}

export interface Model extends Omit<
  Table<'Model'>,
  'operatorCodes' | 'subgraphs' | 'buffers' | 'signatureDefs'
> {
  readonly operatorCodes: readonly OperatorCode[];
  readonly subgraphs: readonly Subgraph[];
  readonly buffers: readonly ModelBuffer[];
  readonly signatureDefs: readonly SignatureDef[] | null;
  /**
   * The zip archive of associated files (labels, vocabularies) that the file carries at its end, or null. Its offsets
   * count from its own first byte, wherever it lay in the file.
   */
  readonly archive: Uint8Array | null;
}
