/** Decides which weights dynamic-range quantization turns into int8, and gives the reason for those it leaves. */
import { operatorName } from '../../model/operators';
import { dtypeName, elementCount, shapeOf } from '../../model/tensors';
import type { Model, Operator, Tensor } from '../../model/types';
import { specOf } from '../../ops';
import { type Constant, type ConstantUse, countBufferReaders, groupByBuffer } from '../constants';
import { booleanOption, numberOption, textOption } from '../options';
import { count, plural } from '../../format';
import type { Options, PassContext } from '../types';
import { floatValues, isAllFinite } from '../weight-values';
import { int8Form, type WeightForm, weightForm } from './weight-forms';
import { weightRanges } from './int8';

export interface HybridWeight {
  readonly constant: Constant;
  /** Channel axis of the scales, or null for one scale. */
  readonly axis: number | null;
  /** Largest magnitude along that axis. */
  readonly ranges: Float32Array;
  readonly form: WeightForm;
  /** All readers of the buffer take the integers, so that the float bytes can go. */
  readonly ownsBuffer: boolean;
}

export interface HybridPlan {
  readonly weights: readonly HybridWeight[];
  readonly skipped: ReadonlyMap<Constant, string>;
}

/** Constants worth a line in the report: some reader takes them as weights. */
export function isHybridCandidate(constant: Constant): boolean {
  return constant.uses.some((use) => use.role === 'weight' || takesInt8(use));
}

/** A weight before it is known who shares its bytes. */
type Draft = Omit<HybridWeight, 'ownsBuffer'>;

/**
 * Plans for the candidates. All weights of a recurrent operator go together or not at all, and so do all tensors of a
 * buffer, for else the file would grow; only where a recurrent operator needs it is a buffer kept in both forms.
 */
export function planHybrid(model: Model, candidates: readonly Constant[], context: PassContext): HybridPlan {
  const skipped = new Map<Constant, string>();
  const planned = new Map<Constant, Draft>();
  for (const constant of candidates) {
    context.signal?.throwIfAborted();
    const outcome = planOne(model, constant, context);
    if (typeof outcome === 'string') skipped.set(constant, outcome);
    else planned.set(constant, outcome);
  }
  const drop = (constant: Constant, reason: string) => {
    planned.delete(constant);
    skipped.set(constant, reason);
  };
  const readers = countBufferReaders(model);
  for (let before = -1; before !== planned.size;) {
    before = planned.size;
    for (const [buffer, group] of groupByBuffer([...planned.keys()])) {
      if (group.length === readers[buffer]) continue;
      for (const constant of group) {
        if (!constant.uses.some(isRecurrent))
          drop(constant, 'shares its bytes with a tensor that stays float');
      }
    }
    dropIncomplete(model, planned, drop, context);
  }
  const groups = groupByBuffer([...planned.keys()]);
  const weights = [...planned.values()].map((weight): HybridWeight => {
    const { buffer } = weight.constant.tensor;
    return { ...weight, ownsBuffer: groups.get(buffer)!.length === readers[buffer] };
  });
  return { weights, skipped };
}

function takesInt8(use: ConstantUse): boolean {
  return specOf(use.kind)?.hybrid?.weightInputs.includes(use.input) ?? false;
}

function planOne(model: Model, constant: Constant, context: PassContext): Draft | string {
  const { tensor, uses, subgraph } = constant;
  if (tensor.type !== 'FLOAT32' && tensor.type !== 'FLOAT16')
    return `holds ${dtypeName(tensor.type)}, not floats`;
  if (tensor.sparsity) return 'is stored sparse';
  if (tensor.externalBuffer !== 0) return 'lies in an external file';
  if (constant.isVisible) return "is one of the model's inputs or outputs";
  const elements = elementCount(tensor);
  let axis: number | null | undefined;
  let form: WeightForm | null = null;
  for (const use of uses) {
    const operator = model.subgraphs[subgraph]!.operators[use.operator]!;
    const options = context.optionsFor(subgraph, use.operator);
    if (options === null) return 'left out by an override';
    if (use.kind === 'DEPTHWISE_CONV_2D' && !booleanOption(options, 'depthwise')) {
      return 'depthwise convolutions are left as they are, for speed';
    }
    const reason = whyNotUse(model, constant, use, operator);
    if (reason !== null) return reason;
    const least = numberOption(options, 'minElements');
    if (!isRecurrent(use) && elements < least)
      return `${plural(elements, 'element')}, fewer than ${count(least)}`;
    // Without XNNPACK, grouped convolutions have a kernel for one scale per channel only.
    const isGroupedUse = use.kind === 'CONV_2D' && isGrouped(model, subgraph, operator, tensor);
    const wanted = isGroupedUse ? use.channelAxis : axisFor(use, options, shapeOf(tensor));
    if (axis !== undefined && axis !== wanted) return 'its readers need scales along different axes';
    axis = wanted;
    const own = formFor(use, options, shapeOf(tensor), isGroupedUse);
    // What one of its readers cannot take, none gets.
    form = form === null || isSameForm(form, own) ? own : int8Form;
  }
  return measure(model, constant, axis ?? null, form ?? int8Form);
}

/** Kinds with a kernel that takes int4 weights with float activations, and those that take a scale per block. */
const WITH_INT4: ReadonlySet<string> = new Set(['CONV_2D', 'FULLY_CONNECTED', 'EMBEDDING_LOOKUP']);
const WITH_BLOCKS: ReadonlySet<string> = new Set(['FULLY_CONNECTED', 'EMBEDDING_LOOKUP']);

function formFor(
  use: ConstantUse,
  options: Options,
  shape: readonly number[],
  isGroupedUse: boolean,
): WeightForm {
  const takesInt4 = WITH_INT4.has(use.kind) && !isGroupedUse && (shape.at(-1) ?? 1) % 2 === 0;
  return weightForm(options, takesInt4, WITH_BLOCKS.has(use.kind) ? (shape.at(-1) ?? null) : null);
}

function isSameForm(a: WeightForm, b: WeightForm): boolean {
  return a.bits === b.bits && a.blockSize === b.blockSize;
}

/** Chooses the scales from the values. */
function measure(model: Model, constant: Constant, axis: number | null, form: WeightForm): Draft | string {
  const { tensor, uses, subgraph } = constant;
  const values = floatValues(model, subgraph, constant.index);
  const ranges = weightRanges(values, shapeOf(tensor), axis);
  if (!isAllFinite(ranges)) return 'holds values that are not finite';
  // The convolution kernel takes equal scales for a single one, and then looks for it elsewhere.
  const isOneScale = axis !== null && ranges.every((range) => range === ranges[0]);
  const isPlain = form.bits === 4 || uses.some((use) => use.kind !== 'CONV_2D');
  if (!isOneScale || isPlain) return { constant, axis, ranges, form };
  const operators = uses.map((use) => model.subgraphs[subgraph]!.operators[use.operator]!);
  if (operators.some((operator) => isGrouped(model, subgraph, operator, tensor))) {
    return 'is a grouped convolution with equal scales, which the kernel does not take';
  }
  return { constant, axis: null, ranges: ranges.slice(0, 1), form };
}

/** Why this reader cannot take int8, or null. */
function whyNotUse(model: Model, constant: Constant, use: ConstantUse, operator: Operator): string | null {
  if (!takesInt8(use)) return `${use.kind} reads it and takes floats only`;
  if (use.via.some((index) => operatorName(model, operatorAt(model, constant, index)) !== 'DEQUANTIZE')) {
    return 'is stored sparse';
  }
  const { tensors } = model.subgraphs[constant.subgraph]!;
  const spec = specOf(use.kind)!;
  const activations = spec.inputs.flatMap((operand, input) => {
    if (operand.role !== 'activation' || input === use.input) return [];
    return tensors[operator.inputs[input] ?? -1] ?? [];
  });
  if ([...activations, ...outputsOf(tensors, operator)].some((tensor) => tensor.type !== 'FLOAT32')) {
    return `${use.kind} does not compute in float32`;
  }
  const options = operator.builtinOptions;
  if (options?.type === 'FullyConnectedOptions' && options.value.weightsFormat !== 'DEFAULT') {
    return 'is stored in a shuffled format';
  }
  if (use.kind === 'LSTM' && options?.type === 'LSTMOptions' && options.value.kernelType !== 'FULL') {
    return 'the basic LSTM kernel takes floats only';
  }
  if (options?.type === 'UnidirectionalSequenceLSTMOptions' && options.value.diagonalRecurrentTensors) {
    return 'the diagonal LSTM kernel takes floats only';
  }
  return null;
}

function operatorAt(model: Model, constant: Constant, index: number): Operator {
  return model.subgraphs[constant.subgraph]!.operators[index]!;
}

function outputsOf(tensors: readonly Tensor[], operator: Operator): Tensor[] {
  return Array.from(operator.outputs).flatMap((index) => tensors[index] ?? []);
}

/** The channel axis that this reader gets scales along; null for one scale. */
function axisFor(use: ConstantUse, options: Options, shape: readonly number[]): number | null {
  const rule = specOf(use.kind)?.hybrid;
  const { channelAxis: axis } = use;
  if (!rule?.perChannel || rule.versionPerChannel === null || axis === null) return null;
  if (rule.versionPerTensor === null) return axis;
  return textOption(options, 'granularity') === 'channel' && (shape[axis] ?? 1) > 1 ? axis : null;
}

function isGrouped(model: Model, subgraph: number, operator: Operator, filter: Tensor): boolean {
  const input = model.subgraphs[subgraph]!.tensors[operator.inputs[0] ?? -1];
  return input?.shape?.at(-1) !== filter.shape?.at(-1);
}

/** Kernels with several weights take all of them as int8 or none. */
function isRecurrent(use: ConstantUse): boolean {
  return (specOf(use.kind)?.hybrid?.weightInputs.length ?? 0) > 1;
}

/** Drops weights of recurrent operators that would not be complete, or are small all together. */
function dropIncomplete(
  model: Model,
  planned: ReadonlyMap<Constant, Draft>,
  drop: (constant: Constant, reason: string) => void,
  context: PassContext,
): void {
  const byTensor = new Map(
    [...planned.keys()].map((constant) => [`${constant.subgraph}/${constant.index}`, constant]),
  );
  for (const constant of [...planned.keys()]) {
    const use = constant.uses.find(isRecurrent);
    if (!use || !planned.has(constant)) continue;
    const operator = operatorAt(model, constant, use.operator);
    const present = specOf(use.kind)!.hybrid!.weightInputs.flatMap((input) => {
      const tensor = operator.inputs[input] ?? -1;
      return tensor < 0 ? [] : [byTensor.get(`${constant.subgraph}/${tensor}`) ?? null];
    });
    const siblings = present.filter((sibling) => sibling !== null);
    const options = context.optionsFor(constant.subgraph, use.operator);
    const least = options === null ? 0 : numberOption(options, 'minElements');
    const elements = siblings.reduce((sum, sibling) => sum + elementCount(sibling.tensor), 0);
    if (siblings.length < present.length || !siblings.every((sibling) => planned.has(sibling))) {
      for (const sibling of siblings) drop(sibling, `${use.kind} takes all of its weights as int8 or none`);
    } else if (elements < least) {
      const detail = `${use.kind} has ${plural(elements, 'weight')} in all, fewer than ${count(least)}`;
      for (const sibling of siblings) drop(sibling, detail);
    }
  }
}
