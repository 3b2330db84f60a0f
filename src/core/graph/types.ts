/** A subgraph made ready for drawing. Flat arrays, so that it crosses workers cheaply at any size. */
import type { Category } from '../ops/spec';

/** What a node stands for. */
export type NodeKind = 'operator' | 'input' | 'output';

/** A constant operand shown as a row in its operator's card. */
export interface ConstantRow {
  readonly label: string;
  readonly text: string;
  readonly tensor: number;
}

export interface ViewNode {
  readonly kind: NodeKind;
  /** Operator index, or position among the subgraph's inputs or outputs. */
  readonly index: number;
  readonly title: string;
  readonly category: Category;
  /** Fused activation (`RELU6`), or null. */
  readonly activation: string | null;
  readonly rows: readonly ConstantRow[];
  /** Cost at the card's right, e.g. `0.88 M` MACs; null when none. */
  readonly cost: string | null;
  /** Operators folded into this one (constant DEQUANTIZE and the like), by index. */
  readonly folded: readonly number[];
  readonly macs: number;
  readonly sizeBytes: number;
  /** Subgraphs that it calls. */
  readonly bodies: readonly number[];
}

export interface ViewGraph {
  readonly subgraph: number;
  readonly nodes: readonly ViewNode[];
  /** Edge i goes from node `edgeFrom[i]` to node `edgeTo[i]` and carries tensor `edgeTensor[i]`. */
  readonly edgeFrom: Int32Array;
  readonly edgeTo: Int32Array;
  readonly edgeTensor: Int32Array;
  /** Text on edge i: shape and dtype. */
  readonly edgeLabel: readonly string[];
}
