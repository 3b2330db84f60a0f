/** Tensors whose channels may be scaled without changing what the model computes, and the operators around them. */
import { shapeOf } from '../../../model/tensors';
import type { BuiltinOptions } from '../../../model/types';
import type { OperatorView } from '../../../ops';
import { type Graph, graphOf } from '../integer/graph';
import type { Model } from '../../../model/types';

/** An operator whose input channels can take the inverse scale into its weights. */
export interface Consumer {
  readonly operator: number;
  /** The weights' constant and the axis that meets the channels. */
  readonly weights: number;
  readonly axis: number;
  /** One filter for each channel. */
  readonly isDepthwise: boolean;
  /** Constant of the bias; null where there is none. */
  readonly bias: number | null;
  /** Each output sums over all taps of a channel without seeing padding, so that constants can be moved into the bias. */
  readonly seesNoPadding: boolean;
}

/** `producer` writes `tensor`, whose channels (last axis) only `consumers` read. */
export interface ChannelPair {
  readonly producer: number;
  readonly tensor: number;
  readonly channels: number;
  readonly weights: number;
  readonly weightAxis: number;
  readonly bias: number | null;
  /** Largest output that the fused activation lets through: 6 for RELU6, else Infinity. */
  readonly ceiling: number;
  readonly consumers: readonly Consumer[];
}

const WEIGHTED: ReadonlyMap<string, number> = new Map([
  ['CONV_2D', 0],
  ['DEPTHWISE_CONV_2D', 3],
  ['FULLY_CONNECTED', 0],
]);
const CEILINGS: ReadonlyMap<string, number> = new Map([
  ['NONE', Infinity],
  ['RELU', Infinity],
  ['RELU6', 6],
]);

/** Every such tensor of a subgraph, in order. Constants that several operators read are left alone. */
export function findPairs(model: Model, subgraph: number): ChannelPair[] {
  const graph = graphOf(model, subgraph);
  const shared = sharedBuffers(model);
  return graph.views.flatMap((view, producer) => {
    const weightAxis = WEIGHTED.get(view.kind);
    const tensor = view.operator.outputs[0] ?? -1;
    if (weightAxis === undefined || graph.isOutput(tensor)) return [];
    const ceiling = CEILINGS.get(activationOf(view.operator.builtinOptions));
    const weights = ownConstant(graph, view, 1, shared);
    if (ceiling === undefined || weights === null) return [];
    const hasBias = (view.operator.inputs[2] ?? -1) >= 0;
    const bias = hasBias ? ownConstant(graph, view, 2, shared) : null;
    if (hasBias && bias === null) return [];
    const channels = shapeOf(graph.subgraph.tensors[weights]!)[weightAxis] ?? 0;
    const readers = graph.readers(tensor);
    const consumers = readers.flatMap(({ operator, input }) => {
      const consumer = input === 0 ? consumerOf(graph, operator, channels, shared) : null;
      return consumer ? [consumer] : [];
    });
    if (readers.length === 0 || consumers.length < readers.length) return [];
    return [{ producer, tensor, channels, weights, weightAxis, bias, ceiling, consumers }];
  });
}

function consumerOf(
  graph: Graph,
  operator: number,
  channels: number,
  shared: ReadonlySet<number>,
): Consumer | null {
  const view = graph.views[operator]!;
  const weights = ownConstant(graph, view, 1, shared);
  if (weights === null) return null;
  const shape = shapeOf(graph.subgraph.tensors[weights]!);
  const hasBias = (view.operator.inputs[2] ?? -1) >= 0;
  const bias = hasBias ? ownConstant(graph, view, 2, shared) : null;
  const options = view.operator.builtinOptions;
  const isSame = options !== null && 'padding' in options.value && options.value.padding === 'SAME';
  const isPointwise = shape[1] === 1 && shape[2] === 1;
  const seesNoPadding = view.kind === 'FULLY_CONNECTED' || !isSame || isPointwise;
  const isDepthwise = view.kind === 'DEPTHWISE_CONV_2D';
  const rest = { operator, weights, bias, isDepthwise, seesNoPadding: seesNoPadding && bias !== null };
  switch (view.kind) {
    case 'CONV_2D':
    case 'DEPTHWISE_CONV_2D':
      return shape[3] === channels ? { ...rest, axis: 3 } : null;
    case 'FULLY_CONNECTED':
      return shape[1] === channels && view.inputShapes[0]?.at(-1) === channels ? { ...rest, axis: 1 } : null;
    default:
      return null;
  }
}

/** The FLOAT32 constant at an input that no other tensor shares its bytes with, or null. */
function ownConstant(
  graph: Graph,
  view: OperatorView,
  input: number,
  shared: ReadonlySet<number>,
): number | null {
  const tensor = view.operator.inputs[input] ?? -1;
  const item = graph.subgraph.tensors[tensor];
  if (item?.type !== 'FLOAT32' || graph.constantOf(tensor) !== tensor || item.sparsity !== null) return null;
  return shared.has(item.buffer) || graph.readers(tensor).length > 1 ? null : tensor;
}

function sharedBuffers(model: Model): ReadonlySet<number> {
  const seen = new Set<number>();
  const shared = new Set<number>();
  for (const { tensors } of model.subgraphs) {
    for (const { buffer } of tensors) {
      if (seen.has(buffer)) shared.add(buffer);
      seen.add(buffer);
    }
  }
  return shared;
}

function activationOf(options: BuiltinOptions | null): string {
  return options !== null && 'fusedActivationFunction' in options.value
    ? options.value.fusedActivationFunction
    : 'NONE';
}
