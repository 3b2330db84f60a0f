/** A subgraph made ready for drawing. Flat arrays, so that it crosses workers cheaply at any size. */
import type { Category } from '../ops/spec';

/** What a node stands for; a group only in a drawn graph (`groups-draw.ts`). */
export type NodeKind = 'operator' | 'input' | 'output' | 'group';

/** A constant operand shown as a row in its operator's card. */
export interface ConstantRow {
  /** Name of the operand in the operator's specification, e.g. `filter`. */
  readonly label: string;
  /** Shape `8×3×3×3`, or the values of a short setting `[0, 1]`. */
  readonly text: string;
  /** `int8`, with `·ch` for a scale per channel, `·block` for one per block, `·sparse` for sparse storage. */
  readonly dtype: string;
  readonly tensor: number;
}

export interface ViewNode {
  readonly kind: NodeKind;
  /** Operator index, position among the subgraph's inputs or outputs, or number of a group. */
  readonly index: number;
  /** `CONV_2D`, a custom operator's code, or the name of an input or output. */
  readonly title: string;
  /** Name of the first output of an operator, or of the tensor of an input or output; may be empty. */
  readonly name: string;
  readonly category: Category;
  /** Fused activation (`RELU6`), or null. */
  readonly activation: string | null;
  readonly rows: readonly ConstantRow[];
  /** Cost at the card's right, e.g. `0.88 M` MACs; null when none. */
  readonly cost: string | null;
  /** Operators folded into this one (`ViewGraphOptions`), by index. */
  readonly folded: readonly number[];
  /** Tensor that an input or output stands for; the first output of an operator; null when there is none. */
  readonly tensor: number | null;
  readonly macs: number;
  /** Bytes of constants; a buffer that several operators share is counted at the first. */
  readonly sizeBytes: number;
  /** Subgraphs that it calls. */
  readonly bodies: readonly number[];
  /** What each of them is to it, `then`, `body`, `cond`, with the subgraph's name. Absent as the rest: none. */
  readonly calls?: readonly Call[];
  /** Dtype that an operator computes in, `int8`; absent where it only converts, or where all of the subgraph is float. */
  readonly dtype?: string;
  /** A float operator in a subgraph that otherwise computes in integers. */
  readonly isIsland?: boolean;
  /** Options of a custom or unknown operator, decoded. */
  readonly attributes?: readonly Attribute[];
  /** QUANTIZE and DEQUANTIZE folded into this operator. */
  readonly borders?: readonly Border[];
}

/** A subgraph that an operator calls. */
export interface Call {
  /** `then`, `else`, `cond`, `body`, `init`, `decomposition` or `calls`. */
  readonly role: string;
  readonly subgraph: number;
  /** Name of the subgraph; may be empty. */
  readonly name: string;
}

/** An option in words. */
export interface Attribute {
  readonly label: string;
  readonly text: string;
}

/** A QUANTIZE (`q`) or DEQUANTIZE (`dq`) at one side of the operator that it serves. */
export interface Border {
  readonly side: 'in' | 'out';
  readonly kind: 'q' | 'dq';
  readonly operator: number;
  /** Name of its result; may be empty. */
  readonly name: string;
  /** Other operators show it as well. */
  readonly isShared: boolean;
}

export interface ViewGraph {
  readonly subgraph: number;
  readonly nodes: readonly ViewNode[];
  /** Node that shows operator i: its own, or the one it is folded into. */
  readonly nodeOfOperator: Int32Array;
  /** Edge i goes from node `edgeFrom[i]` to node `edgeTo[i]` and carries tensor `edgeTensor[i]`. */
  readonly edgeFrom: Int32Array;
  readonly edgeTo: Int32Array;
  readonly edgeTensor: Int32Array;
  /** Which output of its source edge i leaves by; results of folded DEQUANTIZE come after the outputs. */
  readonly edgePort: Int32Array;
  /** Text on edge i: shape and dtype. */
  readonly edgeLabel: readonly string[];
  /** Bytes of each tensor of the subgraph, unknown sizes as in the file; 0 for types without a fixed size. */
  readonly tensorBytes?: Float64Array;
  /** Tensors that have neither an edge nor a row nor a node, and the cards that stand for them. */
  readonly hidden?: HiddenTensors;
  /** What could not be drawn as it is, one sentence each. */
  readonly notices: readonly string[];
  /** Groups of operators where they were found in advance; `groupsOf` finds them otherwise. */
  readonly groups?: Groups;
}

/**
 * Tensors between an operator and what is folded into it, results that nobody reads, and scales. Card `nodes[i]` stands for
 * `tensors[i]`; of one tensor there may be several.
 */
export interface HiddenTensors {
  readonly tensors: Int32Array;
  readonly nodes: Int32Array;
}

/** Operators that belong together. */
export interface Group {
  /**
   * Last part of its name scope, or the first and last operator of a repeated block, with a letter where blocks of these
   * are built in several ways.
   */
  readonly name: string;
  /** Tells groups of one graph apart, and finds the same group in another graph of the model. */
  readonly key: string;
  /** Group that it lies in, or -1. */
  readonly parent: number;
  /** Operators within, those folded into others too. */
  readonly operatorCount: number;
  readonly macs: number;
  readonly sizeBytes: number;
  /**
   * How many groups of its parent are built like this one (the same kinds, options, dtypes and links, whatever the
   * sizes), with itself; and which of them it is, from 1.
   */
  readonly repeats: number;
  readonly ordinal: number;
  /** First node within. */
  readonly first: number;
}

export interface Groups {
  /** Parents come before their children. */
  readonly list: readonly Group[];
  /** Group that directly holds each node, or -1. */
  readonly groupOfNode: Int32Array;
}

export interface ViewGraphOptions {
  /** Fold DEQUANTIZE and DENSIFY of constants, and QUANTIZE and DEQUANTIZE between float and integers, into others. */
  readonly folded: boolean;
}
