/** What the inspector shows, as plain data. */
import type { DtypeSize } from '../measure/types';
import type { Category } from '../ops/spec';
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
  /** Sizes as the file gives them, 1 in place of a dynamic size. */
  readonly shape: readonly number[];
  /** The shape as the graph shows it: `?×28×28×1`, `scalar`, `unknown shape`. */
  readonly shapeText: string;
}

export interface ModelSummary {
  readonly name: string;
  readonly sizeBytes: number;
  /** Operators of all subgraphs. */
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
  /** Whether stored numbers and real values differ, wherever the scales are kept. */
  readonly isQuantized: boolean;
  /** Filters that can be drawn, or null. */
  readonly filters: FilterBank | null;
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

/** Figures of each channel; a channel without finite values has zeros. */
export interface ChannelFigures {
  /** Axis of the channels. */
  readonly axis: number;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly mean: Float64Array;
}

/** A value far from the mean of its tensor. */
export interface Outlier {
  /** Row-major place. */
  readonly index: number;
  readonly value: number;
  /** Distance from the mean in standard deviations, with its sign. */
  readonly deviations: number;
}

/** Where a tensor, seen as a matrix, is zero: `width` × `height` cells, each with its share of zeros, 0 to 1. */
export interface ZeroPattern {
  readonly rows: number;
  readonly columns: number;
  readonly width: number;
  readonly height: number;
  readonly shares: Float32Array;
}

export interface TensorFigures extends TensorStatistics {
  /** Null where the tensor has no channels. */
  readonly channels: ChannelFigures | null;
  /** The values farthest from the mean, the farthest first. */
  readonly outliers: readonly Outlier[];
  readonly zeroPattern: ZeroPattern;
}

/** Original and variant of one tensor, as real values. */
export interface TensorDifference {
  /** 10 log10(signal power / error power): Infinity when equal. */
  readonly sqnrDb: number;
  readonly maxAbsError: number;
  /** Where the difference is largest. */
  readonly worst: { readonly index: number; readonly original: number; readonly variant: number };
}

/** What filters a tensor holds. */
export interface FilterBank {
  readonly isDepthwise: boolean;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  /** Input channels of each filter; 1 for depthwise ones. */
  readonly depth: number;
}

export interface FilterPictures {
  readonly from: number;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  /** 1, or 3 for red, green and blue. */
  readonly channels: number;
  /** Real values, filter by filter, row-major, channels innermost. */
  readonly values: Float32Array;
}

/** Scales laid over a tensor as a grid of `counts[axis]` blocks along each axis. */
export interface ScaleTable {
  readonly counts: readonly number[];
  /** Sizes of one block. */
  readonly block: readonly number[];
  /** Scales in all; the lists below may hold fewer. */
  readonly count: number;
  readonly scale: Float64Array;
  readonly zeroPoint: Float64Array;
  /** Tensor that holds the scales, or null where they are written beside this one. */
  readonly scaleTensor: number | null;
}

/** See `exportTensor`. */
export type ExportFormat = 'npy' | 'npy-real' | 'csv' | 'raw';
/** Quantized tensors as the integers that are stored, or as the real numbers that these stand for. */
export type NpyValues = 'stored' | 'real';

/** What an archive of all constants holds. */
export interface ArchiveReport {
  readonly arrays: number;
  /** Constants that are not in it, with the reason in a sentence. */
  readonly skipped: readonly {
    readonly subgraph: number;
    readonly tensor: number;
    readonly reason: string;
  }[];
}

/** A constant as a file in memory. */
export interface TensorExport {
  readonly fileName: string;
  readonly bytes: Uint8Array;
}

/** Bytes of the file that belong together. */
export interface ByteItem {
  readonly subgraph: number;
  /** Null for what belongs to no operator. */
  readonly operator: number | null;
  /** Kind of the operator, or what the bytes are. */
  readonly kind: string;
  readonly category: Category;
  /** Name of the operator's first output, or what the bytes are. */
  readonly name: string;
  readonly dtype: string;
  readonly sizeBytes: number;
}

/** What bytes are grouped by. */
export type ByteView = 'operator' | 'kind' | 'dtype';

export interface ByteLeaf extends ByteItem {
  /** How many parts are summed up in this one; 0 for a part of its own. */
  readonly others: number;
}

export interface ByteGroup {
  readonly label: string;
  readonly sizeBytes: number;
  readonly leaves: readonly ByteLeaf[];
}
