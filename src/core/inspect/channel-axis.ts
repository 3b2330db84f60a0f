/** Along which axis a constant has channels. */
import { scaleInfo, shapeOf, subgraphAt, tensorAt } from '../model/tensors';
import type { Model } from '../model/types';
import { operandAt, viewOperator } from '../ops';

/** Operators that only unpack a constant: what reads their result says what the constant is for. */
const unpackers: ReadonlySet<string> = new Set(['DEQUANTIZE', 'DENSIFY']);
/** Chains of them that are followed. */
const MOST_UNPACKERS = 4;

/** What an operator that reads a constant, directly or through unpacking operators, takes it for. */
export interface ConstantUse {
  /** `CONV_2D`. */
  readonly kind: string;
  /** `weight`, `bias`, … */
  readonly role: string;
  readonly channelAxis: number | null;
}

/** The first use of a constant, or null when no operator of the subgraph reads it. */
export function constantUse(model: Model, subgraph: number, index: number): ConstantUse | null {
  const { operators } = subgraphAt(model, subgraph);
  let tensor = index;
  for (let step = 0; step <= MOST_UNPACKERS; step++) {
    const reader = operators.findIndex(({ inputs }) => inputs.includes(tensor));
    const operator = operators[reader];
    if (!operator) return null;
    const view = viewOperator(model, subgraph, reader);
    if (unpackers.has(view.kind)) {
      tensor = operator.outputs[0] ?? -1;
      continue;
    }
    const { role, channelAxis } = operandAt(view, operator.inputs.indexOf(tensor));
    return { kind: view.kind, role, channelAxis };
  }
  return null;
}

/**
 * The axis of the scales where there is one per channel, else the axis of the output channels of the operator that reads
 * the tensor, else the first axis of a matrix or larger. Null where that leaves fewer than two channels, or one value
 * a channel.
 */
export function channelAxisOf(model: Model, subgraph: number, index: number): number | null {
  const tensor = tensorAt(model, subgraph, index);
  const shape = shapeOf(tensor);
  const info = scaleInfo(tensor);
  const axis =
    info && info.scale.length > 1
      ? info.axis
      : (constantUse(model, subgraph, index)?.channelAxis ?? (shape.length >= 2 ? 0 : null));
  if (axis === null) return null;
  const channels = shape[axis] ?? 0;
  const count = shape.reduce((product, size) => product * size, 1);
  return channels >= 2 && count > channels ? axis : null;
}
