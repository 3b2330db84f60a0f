/** Decides for one operator whether it computes with integers, and says why not. */
import { customCode } from '../../../model/operators';
import { dtypeName, elementCount } from '../../../model/tensors';
import type { BuiltinOptions } from '../../../model/types';
import { optionsOf, type OperatorView, specOf } from '../../../ops';
import { isAllFinite } from '../../weight-values';
import type { Graph } from './graph';
import { operandsOf, type Operands } from './operands';
import type { ActivationType, OperatorSettings } from './settings';
import { noVariables, type VariableScales } from './variables';

export interface Decision {
  /** Type that it computes in; null: it stays as it is. */
  readonly dtype: ActivationType | null;
  /** Why it stays as it is; empty for operators that compute with integers, or that have no float values at all. */
  readonly reason: string;
  readonly operands: Operands;
}

/** Operators that hand values on or convert them; the writer deals with them itself. */
const CONVERTERS: ReadonlySet<string> = new Set(['QUANTIZE', 'DEQUANTIZE', 'DENSIFY']);
const VARIABLES: ReadonlySet<string> = new Set(['READ_VARIABLE', 'ASSIGN_VARIABLE']);
const RECURRENT: ReadonlySet<string> = new Set(['LSTM', 'UNIDIRECTIONAL_SEQUENCE_LSTM', 'SVDF']);
const WITH_INT4: ReadonlySet<string> = new Set(['CONV_2D', 'DEPTHWISE_CONV_2D', 'FULLY_CONNECTED']);
/** Elementwise kernels that broadcast integers over at most this many axes. */
const LARGEST_BROADCAST_RANK = 4;
const BROADCASTING: ReadonlySet<string> = new Set(['SQUARED_DIFFERENCE', 'DIV', 'PRELU']);

/** Whether the operator has a kernel for int4 weights with integer activations. */
export function takesInt4(kind: string): boolean {
  return WITH_INT4.has(kind);
}

/** Decides for operator `index`; `settings` null means that an override leaves it out. Variables are decided as a whole. */
export function decide(
  graph: Graph,
  index: number,
  settings: OperatorSettings | null,
  variables: VariableScales = noVariables,
): Decision {
  const view = graph.views[index]!;
  const operands = operandsOf(graph, view);
  const stays = (reason: string): Decision => ({ dtype: null, reason, operands });
  const touchesFloats = operands.data.length + operands.outputs.length + operands.weights.length > 0;
  if (!touchesFloats || CONVERTERS.has(view.kind)) return stays('');
  if (isConstantOnly(graph, operands)) return stays('');
  if (settings === null) return stays('left out by an override');
  if (VARIABLES.has(view.kind)) {
    const scale = variables.scaleAt(graph.index, index);
    return scale === null
      ? stays('its variable keeps float values: not every use of it can be an integer')
      : { dtype: scale.dtype, reason: '', operands };
  }
  const reason = whyFloat(graph, view, operands, settings.activations);
  return reason === null ? { dtype: settings.activations, reason: '', operands } : stays(reason);
}

/** Everything that it reads is constant: nothing would be gained, and its output is no activation. */
function isConstantOnly(graph: Graph, { data, weights, outputs }: Operands): boolean {
  return (
    data.length > 0 &&
    data.every(({ constant }) => constant !== null) &&
    weights.length === 0 &&
    outputs.every((tensor) => graph.constantOf(tensor) !== null)
  );
}

function whyFloat(
  graph: Graph,
  view: OperatorView,
  operands: Operands,
  dtype: ActivationType,
): string | null {
  const { kind, operator } = view;
  const custom = customCode(graph.model, operator);
  if (custom !== null) return `${custom} is a custom operator; only its author knows its number formats`;
  const spec = specOf(kind);
  const type = dtypeName(dtype);
  if (!spec || spec.quantization.kind === 'float-only') return `${kind} has no ${type} kernel`;
  if (RECURRENT.has(kind)) {
    return `${kind} keeps state that this runtime cannot calibrate; use dynamic-range for its weights`;
  }
  if (dtype === 'INT16' && spec.quantization.kind === 'index-only' && operands.data.length > 1) {
    return `the int16 kernel of ${kind} compares in steps of 1/256`;
  }
  if (spec.versions[dtype] === undefined) return `${kind} has no ${type} kernel`;
  if (dtype === 'INT16' && spec.quantization.kind === 'fixed-output' && spec.quantization.int16 === null) {
    return `${kind} has no int16 kernel`;
  }
  return (
    whyNotTypes(graph, view, operands) ?? whyNotWeights(graph, view, operands) ?? whyNotShape(view, operands)
  );
}

/** All that the kernel counts as real values must be float32 now. */
function whyNotTypes(graph: Graph, view: OperatorView, { data, outputs }: Operands): string | null {
  const { kind, operator } = view;
  const { tensors } = graph.subgraph;
  for (const tensor of operator.outputs) {
    const type = tensors[tensor]?.type;
    if (type === 'FLOAT16' || type === 'FLOAT64' || type === 'BFLOAT16') {
      return `${kind} gives ${dtypeName(type)}, which has no integer form here`;
    }
  }
  const isIndexOnly = specOf(kind)!.quantization.kind === 'index-only';
  if (data.length === 0 && !isIndexOnly) {
    return `${kind} reads no float32 values`;
  }
  if (outputs.some((tensor) => graph.subgraph.tensors[tensor]!.isVariable)) return 'writes a variable tensor';
  return null;
}

function whyNotWeights(graph: Graph, view: OperatorView, operands: Operands): string | null {
  const { kind } = view;
  const expectsWeights = specOf(kind)!.inputs.some(
    ({ role, channelAxis }) => role === 'weight' && channelAxis !== null,
  );
  if (expectsWeights && operands.weights.length === 0) return 'its weights are not floats';
  for (const { constant } of operands.weights) {
    if (constant === null) return 'its weights are computed, not constant';
    if (!isAllFinite(graph.constantValues(constant))) return 'its weights hold values that are not finite';
  }
  const { bias } = operands;
  if (bias !== null) {
    if (bias.constant === null) return 'its bias is computed, not constant';
    if (!isAllFinite(graph.constantValues(bias.constant))) return 'its bias holds values that are not finite';
  }
  for (const { constant, tensor } of operands.data) {
    if (constant === null) continue;
    const item = graph.subgraph.tensors[constant]!;
    if (elementCount(item) === 0) return `its operand ${item.name ?? `tensor ${tensor}`} is empty`;
  }
  return null;
}

function whyNotShape(view: OperatorView, { data }: Operands): string | null {
  const { kind } = view;
  const weightsFormat = optionsOf(view, 'FullyConnectedOptions')?.weightsFormat ?? 'DEFAULT';
  if (weightsFormat !== 'DEFAULT') return 'its weights are stored in a shuffled format';
  if (fusedActivationOf(view.operator.builtinOptions) === 'TANH') return 'its fused TANH has no integer form';
  const rank = Math.max(0, ...data.map(({ input }) => view.inputShapes[input]?.length ?? 0));
  if (BROADCASTING.has(kind) && rank > LARGEST_BROADCAST_RANK) {
    return `${kind} takes integers of at most ${LARGEST_BROADCAST_RANK} axes, here are ${rank}`;
  }
  return null;
}

function fusedActivationOf(options: BuiltinOptions | null): string | null {
  return options !== null && 'fusedActivationFunction' in options.value
    ? options.value.fusedActivationFunction
    : null;
}
