/**
 * Operators that hand on what they are given. A rule may only say so when the output has the very bits of the
 * input for every input; where that cannot be known from the file, the operator stays.
 */
import { operatorName } from '../../model/operators';
import { constantBytes, isConstant, tensorValues } from '../../model/tensors';
import type { BuiltinOperator, Model, Operator, Tensor } from '../../model/types';
import { optionsOf } from '../../ops';

/** The part of a graph that the rules look at, as it stands while operators are being removed. */
export interface NoOpScope {
  readonly model: Model;
  readonly subgraph: number;
  readonly tensors: readonly Tensor[];
  /** The operator that writes a tensor, or null. */
  producer(tensor: number): Operator | null;
}

export interface NoOp {
  /** Tensor to read instead of the output. */
  readonly input: number;
  readonly output: number;
  /** Why the operator does nothing, in plain words. */
  readonly reason: string;
}

interface Candidate {
  readonly scope: NoOpScope;
  readonly operator: Operator;
  readonly input: Tensor;
  readonly inputIndex: number;
}

interface Rule {
  /** Position of the data among the inputs. */
  readonly data: number;
  readonly test: (candidate: Candidate) => string | null;
}

const rules: Partial<Record<BuiltinOperator, Rule>> = {
  RESHAPE: { data: 0, test: (c) => (keepsShape(c) ? 'reshapes to the same shape' : null) },
  TRANSPOSE: {
    data: 0,
    test: (c) =>
      when(
        isEvery(ints(c, 1), (axis, i) => axis === i),
        'keeps the order of the axes',
      ),
  },
  PAD: { data: 0, test: addsNothing },
  PADV2: { data: 0, test: addsNothing },
  MIRROR_PAD: { data: 0, test: addsNothing },
  TILE: {
    data: 0,
    test: (c) =>
      when(
        isEvery(ints(c, 1), (times) => times === 1),
        'repeats once',
      ),
  },
  SLICE: { data: 0, test: (c) => when(takesAll(c), 'takes all of its input') },
  STRIDED_SLICE: { data: 0, test: (c) => when(stridesOverAll(c), 'takes all of its input') },
  CAST: { data: 0, test: () => 'casts to the same type' },
  CONCATENATION: {
    data: 0,
    test: (c) => when(c.operator.inputs.length === 1 && !activationOf(c.operator), 'joins a single input'),
  },
  SPLIT: { data: 1, test: (c) => when(c.operator.outputs.length === 1, 'splits into one part') },
  SPLIT_V: { data: 0, test: (c) => when(c.operator.outputs.length === 1, 'splits into one part') },
  QUANTIZE: { data: 0, test: () => 'requantizes to the same scale' },
  RELU: { data: 0, test: (c) => when(isAfter(c, 'RELU'), 'follows the same activation') },
  RELU6: { data: 0, test: (c) => when(isAfter(c, 'RELU6'), 'follows the same activation') },
  RELU_N1_TO_1: { data: 0, test: (c) => when(isAfter(c, 'RELU_N1_TO_1'), 'follows the same activation') },
  MUL: { data: 0, test: (c) => when(hasNeutralConstant(c, [1], [1]), 'multiplies by 1') },
  DIV: { data: 0, test: (c) => when(hasNeutralConstant(c, [1], []), 'divides by 1') },
  // x + 0 turns -0 into 0; x + -0 and x - 0 are exact.
  ADD: { data: 0, test: (c) => when(hasNeutralConstant(c, [-0], [0]), 'adds zero') },
  SUB: { data: 0, test: (c) => when(hasNeutralConstant(c, [0], [0]), 'subtracts zero') },
};

/** Says whether an operator does nothing, and what to read instead of its output. */
export function findNoOp(scope: NoOpScope, operator: Operator): NoOp | null {
  const kind = operatorName(scope.model, operator);
  const rule = rules[kind];
  const output = operator.outputs[0];
  if (!rule || output === undefined || operator.outputs.length !== 1) return null;
  const positions = kind === 'MUL' || kind === 'ADD' ? [0, 1] : [rule.data];
  for (const position of positions) {
    const inputIndex = operator.inputs[position] ?? -1;
    const input = scope.tensors[inputIndex];
    if (!input || !isSameKind(scope, input, scope.tensors[output])) continue;
    const reason = rule.test({ scope, operator, input, inputIndex });
    if (reason !== null) return { input: inputIndex, output, reason };
  }
  return kind === 'QUANTIZE' ? findQuantizationPair(scope, operator, output) : null;
}

/** DEQUANTIZE and then QUANTIZE with the scale from before gives back every integer exactly. */
function findQuantizationPair(scope: NoOpScope, operator: Operator, output: number): NoOp | null {
  const before = scope.producer(operator.inputs[0] ?? -1);
  if (before === null || operatorName(scope.model, before) !== 'DEQUANTIZE') return null;
  const input = before.inputs[0] ?? -1;
  const tensor = scope.tensors[input];
  if (!tensor || !['INT8', 'UINT8', 'INT16'].includes(tensor.type)) return null;
  if (tensor.quantization?.scale?.length !== 1) return null;
  if (!isSameKind(scope, tensor, scope.tensors[output])) return null;
  return { input, output, reason: 'undoes the DEQUANTIZE before it' };
}

/** Same type, shape and quantization, and plain data: only then may one tensor stand for the other. */
function isSameKind(scope: NoOpScope, a: Tensor, b: Tensor | undefined): boolean {
  if (!b || a.type !== b.type || a.isVariable || b.isVariable) return false;
  if (['RESOURCE', 'VARIANT', 'STRING'].includes(a.type)) return false;
  if (a.sparsity || isConstant(scope.model, a)) return false;
  return (
    isEqualList(a.shape, b.shape) && isEqualList(signature(a), signature(b)) && isEqualQuantization(a, b)
  );
}

function isEqualQuantization(a: Tensor, b: Tensor): boolean {
  const [p, q] = [a.quantization, b.quantization];
  if (p?.details || q?.details) return false;
  const isPlain = (p?.scale?.length ?? 0) <= 1;
  return isPlain && isEqualList(p?.scale, q?.scale) && isEqualList(p?.zeroPoint, q?.zeroPoint);
}

function isEqualList(
  a: ArrayLike<unknown> | null | undefined,
  b: ArrayLike<unknown> | null | undefined,
): boolean {
  const [left, right] = [Array.from(a ?? []), Array.from(b ?? [])];
  return left.length === right.length && left.every((value, index) => value === right[index]);
}

/** Sizes with -1 where they are dynamic. */
function signature(tensor: Tensor): Int32Array {
  return tensor.shapeSignature ?? tensor.shape ?? new Int32Array(0);
}

function when(holds: boolean, reason: string): string | null {
  return holds ? reason : null;
}

function isEvery(values: readonly number[] | null, test: (value: number, index: number) => boolean): boolean {
  return values !== null && values.length > 0 && values.every(test);
}

/** Values of a constant integer input, or null when it is not constant. */
function ints({ scope, operator }: Candidate, position: number): number[] | null {
  const index = operator.inputs[position] ?? -1;
  const tensor = scope.tensors[index];
  if (!tensor || constantBytes(scope.model, tensor) === null) return null;
  if (tensor.type !== 'INT32' && tensor.type !== 'INT64') return null;
  return Array.from(tensorValues(scope.model, scope.subgraph, index), Number);
}

/** Whether the operator has a fused activation. */
function activationOf(operator: Operator): boolean {
  const options = operator.builtinOptions?.value;
  return (
    options !== undefined &&
    'fusedActivationFunction' in options &&
    options.fusedActivationFunction !== 'NONE'
  );
}

function keepsShape(c: Candidate): boolean {
  const sizes = signature(c.input);
  const hasShapeInput = c.operator.inputs.length > 1 && c.operator.inputs[1] !== -1;
  const target = hasShapeInput ? ints(c, 1) : Array.from(optionsOf(c, 'ReshapeOptions')?.newShape ?? []);
  if (!target || target.length === 0 || target.length !== sizes.length) return false;
  if (target.filter((size) => size === -1).length > 1) return false;
  return target.every((size, i) => size === -1 || (size > 0 && size === sizes[i]));
}

function addsNothing(c: Candidate): string | null {
  return when(
    isEvery(ints(c, 1), (amount) => amount === 0),
    'pads by nothing',
  );
}

function takesAll(c: Candidate): boolean {
  const sizes = signature(c.input);
  const begins = ints(c, 1);
  const lengths = ints(c, 2);
  if (!begins || lengths?.length !== sizes.length) return false;
  return (
    begins.every((begin) => begin === 0) && lengths.every((n, i) => n === -1 || (n > 0 && n === sizes[i]))
  );
}

function stridesOverAll(c: Candidate): boolean {
  const options = optionsOf(c, 'StridedSliceOptions');
  const [begins, ends, strides] = [ints(c, 1), ints(c, 2), ints(c, 3)];
  const sizes = signature(c.input);
  if (!options || !begins || !ends || strides?.length !== sizes.length || sizes.length === 0) return false;
  if (options.ellipsisMask || options.newAxisMask || options.shrinkAxisMask || options.offset) return false;
  return strides.every((stride, i) => {
    const fromStart = (options.beginMask >> i) & 1 || begins[i] === 0;
    const toEnd = (options.endMask >> i) & 1 || (sizes[i]! >= 0 && ends[i]! >= sizes[i]!);
    return stride === 1 && fromStart && toEnd;
  });
}

function isAfter({ scope, inputIndex }: Candidate, kind: BuiltinOperator): boolean {
  const before = scope.producer(inputIndex);
  return before !== null && operatorName(scope.model, before) === kind;
}

/**
 * Whether the other operand is a constant that changes nothing and does not widen the shape. `floats` and `integers`
 * are the neutral values; -0 and 0 are told apart.
 */
function hasNeutralConstant(c: Candidate, floats: readonly number[], integers: readonly number[]): boolean {
  if (activationOf(c.operator) || c.operator.inputs.length !== 2) return false;
  const position = c.operator.inputs[0] === c.inputIndex ? 1 : 0;
  const index = c.operator.inputs[position] ?? -1;
  const other = c.scope.tensors[index];
  if (!other || constantBytes(c.scope.model, other) === null) return false;
  const neutral = other.type === 'FLOAT32' ? floats : ['INT32', 'INT64'].includes(other.type) ? integers : [];
  // Integer types with a scale are not the plain integers that they look like.
  if (other.quantization?.scale?.length || c.input.quantization?.scale?.length) return false;
  const sizes = signature(c.input);
  const shape = Array.from(other.shape ?? []);
  const offset = sizes.length - shape.length;
  if (offset < 0 || !shape.every((size, i) => size === 1 || size === sizes[i + offset])) return false;
  if (neutral.length === 0) return false;
  const values = Array.from(tensorValues(c.scope.model, c.scope.subgraph, index), Number);
  return values.length > 0 && values.every((value) => Object.is(value, neutral[0]));
}
