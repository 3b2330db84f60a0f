/** Which operators are compared, what each is fed with, and why some cannot be run by themselves. */
import { customCode, operatorKind } from '../model/operators';
import { bitsOf, dtypeName, isConstant } from '../model/tensors';
import type { Model, Operator, Tensor } from '../model/types';
import { isPure } from '../optimize/cleanup/effects';
import type { OperatorMapping } from '../optimize/types';
import { activationScale } from './stored-values';
import type { OperatorDebug } from './types';

/** A tensor of the original and the one that holds the same values in the variant. */
export interface TensorPair {
  readonly original: number;
  readonly variant: number;
}

export interface PlannedOperator extends Pick<
  OperatorDebug,
  'operator' | 'variantOperator' | 'kind' | 'name' | 'dtype' | 'isQuantized' | 'depth'
> {
  /** What the variant's operator reads that is computed, with the place at which it does. */
  readonly inputs: readonly (TensorPair & { readonly input: number })[];
  readonly outputs: readonly TensorPair[];
  /** Why it cannot be run by itself, or null. */
  readonly reason: string | null;
}

/** Subgraph that is compared. */
export const MAIN = 0;

const RANDOM = /^RANDOM_|^MULTINOMIAL$|RNG/;
const CALLING =
  /^(CALL|CALL_ONCE|IF|WHILE|STABLEHLO_(CASE|COMPOSITE|CUSTOM_CALL|WHILE|REDUCE.*|SORT|SCATTER))$/;

/** Pairs up the operators of the main subgraphs, in the order of the original. */
export function planDebug(original: Model, variant: Model, mapping: OperatorMapping): PlannedOperator[] {
  const before = sideOf(original);
  const after = sideOf(variant);
  const depths = operatorDepths(before);
  return before.operators.flatMap((operator, index) => {
    const kind = operatorKind(original, operator);
    const target = targetOf(after, kind, mapping[MAIN]?.[index] ?? []);
    if (target === null || operator.outputs.every((tensor) => before.constants[tensor])) return [];
    const pairing = pairUp(before, operator, after, after.operators[target]!);
    if (pairing.outputs.length === 0) return [];
    const name = before.tensors[operator.outputs[0]!]?.name ?? `operator ${index}`;
    return [{ ...pairing, operator: index, variantOperator: target, kind, name, depth: depths[index]! }];
  });
}

/** The operator of the variant that stands for one of this kind: of several the one of the same kind, else the last. */
function targetOf({ model, operators }: Side, kind: string, targets: readonly number[]): number | null {
  const known = targets.filter((target) => operators[target]);
  const same = known.find((target) => operatorKind(model, operators[target]!) === kind);
  return same ?? known.at(-1) ?? null;
}

/** The main subgraph of a model, and what is known about its tensors. */
interface Side {
  readonly model: Model;
  readonly tensors: readonly Tensor[];
  readonly operators: readonly Operator[];
  /** By tensor: a constant or computed from constants alone. */
  readonly constants: readonly boolean[];
  /** By tensor: the operator that writes it. */
  readonly writers: ReadonlyMap<number, Operator>;
}

function sideOf(model: Model): Side {
  const { tensors, operators } = model.subgraphs[MAIN]!;
  const writers = new Map(
    operators.flatMap((operator) => Array.from(operator.outputs, (tensor) => [tensor, operator] as const)),
  );
  return { model, tensors, operators, constants: constantTensors(model), writers };
}

type Pairing = Pick<PlannedOperator, 'inputs' | 'outputs' | 'reason' | 'dtype' | 'isQuantized'>;

function pairUp(before: Side, operator: Operator, after: Side, item: Operator): Pairing {
  const outputs = Array.from(operator.outputs, (tensor, i) => ({
    original: tensor,
    variant: item.outputs[i] ?? -1,
  })).filter((pair) => pair.original >= 0 && pair.variant >= 0 && isNumeric(before.tensors[pair.original]!));
  const inputs = Array.from(item.inputs, (tensor, input) => ({
    input,
    original: operator.inputs[input] ?? -1,
    variant: tensor,
  })).filter(({ variant }) => variant >= 0 && !after.constants[variant]);
  const tensors = [...item.outputs, ...inputs.map(({ variant }) => variant)];
  const types = tensors.map((tensor) => dtypeOf(after.tensors[tensor]));
  const isQuantized =
    outputs.some(
      ({ original, variant }) => before.tensors[original]!.type !== after.tensors[variant]!.type,
    ) || constantTypes(before, operator) !== constantTypes(after, item);
  const unfed = inputs.map(({ original, variant }) => whyNotFed(before, original, after, variant));
  const reason = whyNotAlone(before, operator, after, item) ?? unfed.find((found) => found !== null) ?? null;
  return { inputs, outputs, dtype: types.find((type) => type !== null) ?? 'float32', isQuantized, reason };
}

function isNumeric({ type }: Tensor): boolean {
  return bitsOf(type) !== null;
}

function dtypeOf(tensor: Tensor | undefined): 'int8' | 'uint8' | 'int16' | null {
  if (!tensor || activationScale(tensor) === null) return null;
  return tensor.type === 'INT8' ? 'int8' : tensor.type === 'UINT8' ? 'uint8' : 'int16';
}

/** Types in which the constants of an operator are stored, behind DEQUANTIZE and the like, as one text. */
function constantTypes({ tensors, constants, writers }: Side, { inputs }: Operator): string {
  const types = Array.from(inputs, (tensor) => {
    if (tensor < 0 || !constants[tensor]) return '';
    const stored = writers.get(tensor)?.inputs[0] ?? tensor;
    return tensors[stored]?.type ?? '';
  });
  return types.join();
}

function whyNotAlone(before: Side, operator: Operator, after: Side, item: Operator): string | null {
  const kind = operatorKind(before.model, operator);
  const other = operatorKind(after.model, item);
  if (kind !== other) return `the variant has ${other} in its place`;
  if (CALLING.test(kind)) return 'it calls another subgraph';
  if (RANDOM.test(kind)) return 'it gives random numbers';
  if (customCode(after.model, item) !== null) return null;
  return isPure(after.model, item, after.tensors) ? null : 'it keeps state from run to run';
}

function whyNotFed(before: Side, original: number, after: Side, variant: number): string | null {
  const from = before.tensors[original];
  const to = after.tensors[variant]!;
  if (!from || before.constants[original]) {
    return `the original does not compute what it reads as ${to.name ?? `tensor ${variant}`}`;
  }
  if (to.type === from.type || to.type === 'FLOAT32' || activationScale(to) !== null) return null;
  return `it reads ${dtypeName(to.type)} where the original has ${dtypeName(from.type)}`;
}

/** By tensor of the main subgraph: whether it is a constant or computed from constants alone. */
function constantTensors(model: Model): boolean[] {
  const { tensors, operators } = model.subgraphs[MAIN]!;
  const constant = tensors.map((tensor) => isConstant(model, tensor) && !tensor.isVariable);
  for (const operator of operators) {
    const inputs = operator.inputs.filter((tensor) => tensor >= 0);
    if (inputs.length === 0 || !inputs.every((tensor) => constant[tensor])) continue;
    if (!isPure(model, operator, tensors)) continue;
    for (const tensor of operator.outputs) constant[tensor] = true;
  }
  return constant;
}

/** Longest way from the inputs to each operator; what is computed from constants does not count. */
function operatorDepths({ tensors, operators, constants }: Side): number[] {
  const depthOf = new Int32Array(tensors.length).fill(-1);
  return operators.map(({ inputs, outputs }) => {
    let depth = 0;
    for (const tensor of inputs) {
      if (tensor >= 0 && !constants[tensor]) depth = Math.max(depth, depthOf[tensor]! + 1);
    }
    for (const tensor of outputs) depthOf[tensor] = depth;
    return depth;
  });
}
