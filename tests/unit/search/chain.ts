/** A chain of layers large enough that every scheme is worth it. */
import type { Model } from '../../../src/core/model/types';
import {
  buildModel,
  fullyConnected,
  type OperatorPlan,
  randomValues,
  type TensorPlan,
} from '../optimize/fixtures';

const SIZE = 40;

/** `count` FULLY_CONNECTED layers of 40 x 40 with a RELU after each but the last, from `x` to `y`. */
export function chainOf(count: number): Model {
  const value = { shape: [1, SIZE] };
  const tensors: Record<string, TensorPlan> = { x: value };
  const operators: OperatorPlan[] = [];
  let last = 'x';
  for (let layer = 0; layer < count; layer++) {
    const isLast = layer === count - 1;
    const [weights, output] = [`w${layer}`, isLast ? 'y' : `h${layer}`];
    const data = randomValues(SIZE * SIZE, layer + 1).map((one) => (2.4 * one) / Math.sqrt(SIZE));
    tensors[weights] = { shape: [SIZE, SIZE], data };
    tensors[output] = value;
    operators.push(fullyConnected([last, weights, '-'], output));
    last = output;
    if (isLast) continue;
    tensors[`r${layer}`] = value;
    operators.push({ kind: 'RELU', inputs: [output], outputs: [`r${layer}`] });
    last = `r${layer}`;
  }
  return buildModel({ tensors, operators, inputs: ['x'], outputs: ['y'] });
}
