/** Writes the integer form of planned subgraphs: constants, scales, borders, operator versions. */
import { draftModel, type ModelDraft } from '../../../model/edit';
import { shapeOf } from '../../../model/tensors';
import type { Model } from '../../../model/types';
import type { KnownBuiltin } from '../../../ops';
import { compactModel } from '../../cleanup/compact';
import type { OperatorMapping } from '../../types';
import { drawBoundaries, type Boundaries } from './boundaries';
import { type ConstantWriter, constantWriter, quantizeBias } from './constants';
import type { SubgraphPlan } from './plan';
import type { ModelSettings } from './settings';
import { integerOperatorOptions, integerVersion } from './versions';
import type { WeightChoice } from './weights';

export interface IntegerModel {
  readonly model: Model;
  readonly mapping: OperatorMapping;
  /** QUANTIZE and DEQUANTIZE operators that were added. */
  readonly borders: number;
  /** Model inputs and outputs that stay float although integers were asked for: `[subgraph, tensor]`. */
  readonly floatEnds: readonly (readonly [number, number])[];
}

/** What is written for one operator beside the plan. */
export interface OperatorConstants {
  /** By operator: one choice for each weight operand. */
  weights(subgraph: number, operator: number): readonly WeightChoice[];
  /** Real values of the bias to write (one for each output channel), or null for none. */
  bias(subgraph: number, operator: number): Float32Array | null;
}

/** Operators whose integer kernels need a bias. */
const NEEDS_BIAS: ReadonlySet<string> = new Set(['CONV_2D', 'DEPTHWISE_CONV_2D']);

/** The integer model. `model` is not touched; what no integer operator reads shares its bytes with it. */
export function writeInteger(
  model: Model,
  plans: readonly SubgraphPlan[],
  settings: ModelSettings,
  constants: OperatorConstants,
): IntegerModel {
  const draft = draftModel(model);
  const writer = constantWriter(draft);
  let borders = 0;
  const floatEnds: (readonly [number, number])[] = [];
  for (const plan of plans) {
    const boundaries = drawBoundaries(draft, plan, settings);
    plan.graph.views.forEach((_, operator) => {
      if (plan.decisions[operator]!.dtype === null) readFloats(draft, plan, operator, boundaries);
      else writeOperator(draft, plan, operator, boundaries, writer, constants);
    });
    dropDeadDecoders(draft, plan);
    borders += boundaries.added;
    floatEnds.push(...boundaries.floatEnds.map((tensor) => [plan.graph.index, tensor] as const));
  }
  for (const { graph, operator, constant } of plans[0]?.variables.initializers ?? []) {
    const scale = plans[0]!.variables.scaleAt(graph.index, operator)!;
    draft.replaceInput(graph.index, operator, 1, writer.operand(graph, constant!, scale));
  }
  const { model: edited, mapping } = draft.finish();
  return { model: compactModel(edited, model).model, mapping, borders, floatEnds };
}

/** An operator that stays float reads the float forms; a QUANTIZE that was there takes the integers as they are. */
function readFloats(draft: ModelDraft, plan: SubgraphPlan, operator: number, boundaries: Boundaries): void {
  const { graph } = plan;
  const { kind, operator: item } = graph.views[operator]!;
  const find = (tensor: number) =>
    kind === 'QUANTIZE' ? boundaries.stored(tensor) : boundaries.floats(tensor);
  const inputs = item.inputs.map((tensor) => (tensor < 0 ? tensor : find(tensor)));
  if (inputs.some((tensor, i) => tensor !== item.inputs[i])) {
    draft.replaceOperator(graph.index, operator, { inputs });
  }
}

function writeOperator(
  draft: ModelDraft,
  plan: SubgraphPlan,
  operator: number,
  boundaries: Boundaries,
  writer: ConstantWriter,
  constants: OperatorConstants,
): void {
  const { graph, decisions, scales } = plan;
  const view = graph.views[operator]!;
  const { dtype, operands } = decisions[operator]!;
  const { data, weights, bias, biasInput, outputs } = operands;
  let inputs = Array.from(view.operator.inputs);
  for (const { input, tensor, constant } of data) {
    const scale = scales.operandScale(operator, input);
    inputs[input] =
      constant === null ? boundaries.integers(tensor, scale) : writer.operand(graph, constant, scale);
  }
  const choices = constants.weights(graph.index, operator);
  weights.forEach(({ input, constant }, i) => {
    inputs[input] = writer.weights(graph, constant!, choices[i]!);
  });
  const biasValues = constants.bias(graph.index, operator);
  const [weight] = choices;
  if (biasInput !== null && weight && data[0] && (biasValues !== null || NEEDS_BIAS.has(view.kind))) {
    const channels = channelsOf(plan, operator);
    const inputScale = scales.operandScale(operator, data[0].input).scale;
    const integers = quantizeBias(
      biasValues ?? new Float32Array(channels),
      inputScale,
      weight.scales,
      dtype!,
    );
    const name = `${graph.subgraph.tensors[outputs[0] ?? -1]?.name ?? `operator${operator}`}_bias`;
    while (inputs.length <= biasInput) inputs = [...inputs, -1];
    inputs[biasInput] = writer.bias(graph, bias?.constant ?? null, integers, name);
  }
  const version = integerVersion(graph.model, view, {
    dtype: dtype!,
    weightBits: weight?.bits ?? null,
    hasBias: biasInput !== null && (inputs[biasInput] ?? -1) >= 0,
    productRatio: view.kind === 'MUL' ? productRatio(plan, operator) : null,
  });
  draft.replaceOperator(graph.index, operator, {
    opcodeIndex: draft.operatorCode(view.kind as KnownBuiltin, version),
    inputs: Int32Array.from(inputs),
    outputs: view.operator.outputs.map((tensor) =>
      outputs.includes(tensor) ? boundaries.stored(tensor) : tensor,
    ),
    builtinOptions: integerOperatorOptions(view, dtype!),
  });
}

/** Output channels of an operator with weights: the size of the weights' channel axis. */
export function channelsOf({ graph, decisions }: SubgraphPlan, operator: number): number {
  const [weight] = decisions[operator]!.operands.weights;
  return weight ? shapeOf(graph.subgraph.tensors[weight.tensor]!)[weight.axis]! : 0;
}

function productRatio({ decisions, scales }: SubgraphPlan, operator: number): number | null {
  const { dtype, operands } = decisions[operator]!;
  const [left, right] = operands.data.map(({ input }) => scales.operandScale(operator, input).scale);
  const [output] = operands.outputs;
  if (left === undefined || right === undefined || output === undefined) return null;
  return (left * right) / scales.tensorScale(output, dtype!).scale;
}

/** DEQUANTIZE and DENSIFY whose floats nobody reads any more. */
function dropDeadDecoders(draft: ModelDraft, { graph }: SubgraphPlan): void {
  const { index, subgraph, views } = graph;
  for (let operator = views.length - 1; operator >= 0; operator--) {
    const { kind } = views[operator]!;
    if (kind !== 'DEQUANTIZE' && kind !== 'DENSIFY') continue;
    const item = draft.operator(index, operator);
    const isRead = (tensor: number) =>
      graph.isOutput(tensor) ||
      graph.readers(tensor).some((reader) => draft.operator(index, reader.operator)?.inputs.includes(tensor));
    const wasRead = subgraph.operators[operator]!.outputs.some((tensor) => graph.readers(tensor).length > 0);
    if (item && wasRead && !item.outputs.some(isRead)) draft.removeOperator(index, operator);
  }
}
