/** The operands of one operator as integer quantization sees them. */
import { operandAt, type OperatorView, specOf } from '../../../ops';
import type { Graph } from './graph';

export interface DataOperand {
  readonly input: number;
  readonly tensor: number;
  /** The constant that it is (`Graph.constantOf`), or null when it is computed. */
  readonly constant: number | null;
}

export interface WeightOperand extends DataOperand {
  /** Axis that may have one scale per channel. */
  readonly axis: number;
}

export interface Operands {
  /** Real values on the data path, constant ones among them. */
  readonly data: readonly DataOperand[];
  readonly weights: readonly WeightOperand[];
  readonly bias: DataOperand | null;
  /** Position at which a bias may stand, or null. */
  readonly biasInput: number | null;
  /** Outputs that hold real values, as tensor indexes. */
  readonly outputs: readonly number[];
}

const INTEGER_WEIGHTS: ReadonlySet<string> = new Set(['INT8', 'INT4', 'UINT8']);

/**
 * Sorts the float32 operands of an operator. Settings, indexes and tensors of other types are left out, but for
 * integer weights beside float activations.
 */
export function operandsOf(graph: Graph, view: OperatorView): Operands {
  const { tensors } = graph.subgraph;
  const data: DataOperand[] = [];
  const weights: WeightOperand[] = [];
  let bias: DataOperand | null = null;
  const isHybrid = tensors[view.operator.outputs[0] ?? -1]?.type === 'FLOAT32';
  view.operator.inputs.forEach((tensor, input) => {
    const type = tensors[tensor]?.type;
    const { role, channelAxis } = operandAt(view, input);
    // Integer weights of an operator with float activations (dynamic range) are taken by their real values.
    const isWeight = role === 'weight' && isHybrid && INTEGER_WEIGHTS.has(type ?? '');
    if (type !== 'FLOAT32' && !isWeight) return;
    const operand = { input, tensor, constant: graph.constantOf(tensor) };
    if (role === 'bias') bias = operand;
    else if (role === 'weight' && channelAxis !== null) weights.push({ ...operand, axis: channelAxis });
    else if (role === 'activation' || role === 'weight') data.push(operand);
  });
  const biasInput = specOf(view.kind)?.inputs.findIndex(({ role }) => role === 'bias') ?? -1;
  const outputs = Array.from(view.operator.outputs).filter((tensor) => tensors[tensor]?.type === 'FLOAT32');
  return { data, weights, bias, biasInput: biasInput < 0 ? null : biasInput, outputs };
}
