import type { Operator, Tensor, TensorType } from '../model/types';
import type { enumValues } from '../model/schema';

/** Name of an operator that the schema knows. */
export type KnownBuiltin = keyof (typeof enumValues)['BuiltinOperator'];

/**
 * What an operand is for: decides how it is quantized, pruned and drawn.
 * - `activation`: real values on the data path. A constant there (the table of a GATHER, the factor of a MUL)
 *   holds learned values as a rule;
 * - `weight` and `bias`: learned values;
 * - `index`: integers or booleans that select (token ids, conditions, hash keys);
 * - `parameter`: shapes, axes, sizes, permutations, thresholds: settings kept in a tensor;
 * - `state`: variable tensors that live from run to run.
 */
export type Role = 'activation' | 'weight' | 'bias' | 'index' | 'parameter' | 'state';

/** Groups of operators with one colour and one icon. Reductions go with the pools. */
export type Category =
  | 'convolution'
  | 'dense'
  | 'activation'
  | 'pooling'
  | 'arithmetic'
  | 'shape'
  | 'normalization'
  | 'quantization'
  | 'recurrent'
  | 'control'
  | 'other';

export interface Operand {
  readonly name: string;
  readonly role: Role;
  readonly optional: boolean;
  /** Axis along which a weight may have one scale per channel, or null. */
  readonly channelAxis: number | null;
}

/** One scale and zero point for a whole tensor. */
export interface FixedScale {
  readonly scale: number;
  readonly zeroPoint: number;
}

/**
 * How the operator behaves in a fully quantized (static) model:
 * - `free`: every operand has its own scale; `same-scale`: outputs share the scale of the data inputs;
 * - `fixed-output`: the output's scale and zero point are prescribed; `index-only`: quantized inputs, outputs
 *   are indexes or booleans; `float-only`: no integer kernel.
 */
export type QuantizationRule =
  | { readonly kind: 'free' | 'same-scale' | 'index-only' | 'float-only' }
  | {
      readonly kind: 'fixed-output';
      readonly int8: FixedScale;
      readonly int16: FixedScale | null;
    };

/** What the hybrid kernel (float activations, int8 weights) takes. */
export interface HybridRule {
  /** Inputs that may be int8 constants. */
  readonly weightInputs: readonly number[];
  /** Whether a scale per channel is taken, else one per tensor. */
  readonly perChannel: boolean;
  /** Operator versions to write for one scale per tensor and for one per channel (null: not available). */
  readonly versionPerTensor: number | null;
  readonly versionPerChannel: number | null;
  /** Version to write with one scale per tensor and the option `asymmetricQuantizeInputs` (null: no such option). */
  readonly versionAsymmetric: number | null;
}

export type Shape = readonly number[];

/** Everything shape inference and cost may look at for one operator. */
export interface OperatorView {
  /** Name as in the schema, e.g. `CONV_2D`; `UNKNOWN_n` for a code that it does not know. */
  readonly kind: string;
  readonly operator: Operator;
  /** Tensor of input i, or null where it is left out. */
  readonly inputs: readonly (Tensor | null)[];
  readonly outputs: readonly Tensor[];
  /** Shapes in the same order; -1 for unknown sizes. */
  readonly inputShapes: readonly (Shape | null)[];
  readonly outputShapes: readonly Shape[];
  /** Constant values of input i as numbers, or null when it is not constant or large (over 1,024 elements). */
  constant(input: number): readonly number[] | null;
}

/** Output shapes of one operator in order; null where they depend on data that is not known. */
export type ShapeRule = (view: OperatorView) => readonly (Shape | null)[];

/** Multiply-accumulates of one run of one operator. */
export type MacsRule = (view: OperatorView) => number;

/** Facts about one builtin operator. */
export interface OpSpec {
  readonly category: Category;
  /** Named inputs; when `variadicInputs`, the last one repeats. */
  readonly inputs: readonly Operand[];
  readonly variadicInputs: boolean;
  readonly outputs: readonly string[];
  readonly variadicOutputs: boolean;
  /** Output shapes from input shapes and options; null where they depend on data that is not known. */
  readonly shapes: ShapeRule;
  /**
   * Multiply-accumulates of one run, from the shapes (batch as in the file, unknown sizes as 1). Only products
   * that are summed up count: 0 for movers, elementwise operators, pools, reductions and normalizations.
   */
  readonly macs: MacsRule;
  readonly quantization: QuantizationRule;
  readonly hybrid: HybridRule | null;
  /** Lowest operator version that takes activations of this type; absent types are not supported. */
  readonly versions: Partial<Record<TensorType, number>>;
}
