/** What the inspector shows, as plain data. */
import type { DtypeSize } from '../measure/types';
import type { ScaleInfo } from '../tensor-data';

/** A fault or a remark found in a file. */
export interface Finding {
  readonly severity: 'error' | 'warning';
  /** Place in the file, e.g. `subgraphs[0].operators[12].inputs[1]`. */
  readonly where: string;
  readonly message: string;
}

export interface TensorRef {
  readonly index: number;
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
}

export interface ModelSummary {
  readonly name: string;
  readonly sizeBytes: number;
  /** Operators of the main subgraph. */
  readonly operatorCount: number;
  readonly parameters: number;
  readonly macs: number;
  /** dtype that holds most of the weight bytes, lower case, e.g. `float32`; null without weights. */
  readonly weightDtype: string | null;
  readonly description: string | null;
  readonly schemaVersion: number;
  readonly subgraphs: readonly {
    readonly name: string | null;
    readonly operatorCount: number;
    readonly tensorCount: number;
    readonly inputs: readonly TensorRef[];
    readonly outputs: readonly TensorRef[];
  }[];
  readonly signatures: readonly {
    readonly key: string;
    readonly subgraph: number;
    readonly inputs: readonly { readonly name: string; readonly tensor: number }[];
    readonly outputs: readonly { readonly name: string; readonly tensor: number }[];
  }[];
  /** Operator kinds of all subgraphs with counts, most frequent first. */
  readonly operatorKinds: readonly { readonly kind: string; readonly count: number }[];
  /** Constant tensors by dtype, most bytes first. */
  readonly dtypes: readonly DtypeSize[];
  /** Entries of the TFLite metadata for display (name, author, licence, …), in order. */
  readonly metadata: readonly { readonly label: string; readonly value: string }[];
  /** Whether the metadata say how at least one input is scaled. */
  readonly hasInputScaling: boolean;
  readonly packedFiles: readonly { readonly name: string; readonly sizeBytes: number }[];
  readonly classNames: readonly string[] | null;
  readonly findings: readonly Finding[];
  /** What the LiteRT runtime of this page cannot run, by operator name; empty when it can. */
  readonly unsupported: readonly { readonly kind: string; readonly count: number; readonly reason: string }[];
}

export interface Attribute {
  readonly name: string;
  readonly value: string;
}

export interface Operand {
  /** Name of the operand in the operator's specification, e.g. `filter`. */
  readonly role: string;
  /** Null: optional and left out. */
  readonly tensor: TensorRef | null;
  readonly isConstant: boolean;
  readonly sizeBytes: number;
  readonly quantization: ScaleInfo | null;
}

export interface OperatorDetails {
  readonly index: number;
  /** `CONV_2D`, or the custom code. */
  readonly kind: string;
  readonly isCustom: boolean;
  readonly category: string;
  readonly version: number;
  readonly name: string;
  readonly attributes: readonly Attribute[];
  readonly inputs: readonly Operand[];
  readonly outputs: readonly Operand[];
  /** Constants with learned values, biases left out, as stored: also those behind DEQUANTIZE and DENSIFY. */
  readonly weights: readonly Operand[];
  readonly macs: number;
  readonly parameters: number;
  readonly sizeBytes: number;
  /** Subgraphs that it calls. */
  readonly bodies: readonly number[];
}

export interface TensorDetails extends TensorRef {
  readonly shapeSignature: readonly number[] | null;
  readonly isConstant: boolean;
  readonly isVariable: boolean;
  readonly buffer: number;
  readonly sizeBytes: number;
  readonly elements: number;
  readonly quantization: ScaleInfo | null;
  /** Formula for display, e.g. `0.0039 * (q + 128)`; null when not quantized. */
  readonly formula: string | null;
  /** Stored encoding in words: "dense", "sparse, CSR over axis 3", "int4, two per byte". */
  readonly encoding: string;
  readonly producer: number | null;
  readonly consumers: readonly number[];
  /** Tensors (of any subgraph) that share the buffer, apart from this one. */
  readonly sharedWith: readonly { readonly subgraph: number; readonly tensor: number }[];
  /** The first texts of a string constant; null for other tensors. */
  readonly texts: readonly string[] | null;
}

export interface Histogram {
  readonly min: number;
  readonly max: number;
  readonly counts: Uint32Array;
}

export interface TensorStatistics {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly standardDeviation: number;
  readonly zeros: number;
  readonly nonFinite: number;
  /** Share of values more than four standard deviations from the mean. */
  readonly outlierShare: number;
  readonly histogram: Histogram;
}

export interface TensorExport {
  readonly fileName: string;
  readonly bytes: Uint8Array;
}
