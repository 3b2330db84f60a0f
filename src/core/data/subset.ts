/** Some samples of a dataset as a dataset of their own. */
import type { TensorData } from '../tensor-data';
import type { Dataset } from './types';

/** The samples at `indexes`, in that order and as often as they are named, with their labels. The values are copies. */
export function takeSamples(dataset: Dataset, indexes: readonly number[]): Dataset {
  return {
    ...dataset,
    inputs: dataset.inputs.map((input) => takeRows(input, dataset.sampleCount, indexes)),
    sampleCount: indexes.length,
    labels: dataset.labels && Int32Array.from(indexes, (index) => dataset.labels![index]!),
  };
}

function takeRows(
  { dtype, shape, values }: TensorData,
  count: number,
  indexes: readonly number[],
): TensorData {
  const size = count === 0 ? 0 : values.length / count;
  const Values = values.constructor as new (length: number) => TensorData['values'];
  const rows = new Values(size * indexes.length);
  indexes.forEach((index, position) => {
    // Both are of one type; TypeScript cannot see it for a union of arrays.
    rows.set(values.subarray(index * size, (index + 1) * size) as never, position * size);
  });
  return { dtype, shape: [indexes.length, ...shape.slice(1)], values: rows };
}
