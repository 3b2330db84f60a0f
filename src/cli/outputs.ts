import { ModelError } from '../core/errors';
import type { TensorData } from '../core/tensor-data';

/**
 * Outputs of several samples as one array. One sample stays as it is; of several, a leading batch dimension of 1 gives
 * way to the sample count, else the count is put in front.
 * @throws ModelError `unsupported` when the samples gave outputs of different shapes
 */
export function joinSamples(outputs: readonly TensorData[]): TensorData {
  const first = outputs[0]!;
  if (outputs.length === 1) return first;
  if (outputs.some(({ values }) => values.length !== first.values.length))
    throw new ModelError(
      'unsupported',
      'The samples give outputs of different sizes; run them one at a time.',
    );
  const size = first.values.length;
  const Values = first.values.constructor as new (length: number) => TensorData['values'];
  const values = new Values(size * outputs.length);
  outputs.forEach((output, i) => {
    (values as { set(from: ArrayLike<number | bigint>, offset: number): void }).set(output.values, i * size);
  });
  const inner = first.shape[0] === 1 ? first.shape.slice(1) : first.shape;
  return { dtype: first.dtype, shape: [outputs.length, ...inner], values };
}
