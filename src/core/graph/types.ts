/** A subgraph made ready for drawing. Flat arrays, so that it crosses workers cheaply at any size. */
import type { Category } from '../ops/spec';

/** What a node stands for. */
export type NodeKind = 'operator' | 'input' | 'output';

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
  /** Operator index, or position among the subgraph's inputs or outputs. */
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
  /** Operators folded into this one (constant DEQUANTIZE and the like), by index. */
  readonly folded: readonly number[];
  /** Tensor that an input or output stands for; the first output of an operator; null when there is none. */
  readonly tensor: number | null;
  readonly macs: number;
  /** Bytes of constants; a buffer that several operators share is counted at the first. */
  readonly sizeBytes: number;
  /** Subgraphs that it calls. */
  readonly bodies: readonly number[];
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
  /** Which output of its source edge i leaves by. */
  readonly edgePort: Int32Array;
  /** Text on edge i: shape and dtype. */
  readonly edgeLabel: readonly string[];
  /** What could not be drawn as it is, one sentence each. */
  readonly notices: readonly string[];
}

export interface ViewGraphOptions {
  /** Fold constant DEQUANTIZE and DENSIFY chains into the operators that they serve. */
  readonly folded: boolean;
}
