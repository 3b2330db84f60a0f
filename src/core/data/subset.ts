/** Some samples of a dataset as a dataset of their own. */
import type { TensorData } from '../tensor-data';
import type { Dataset } from './types';

/** The samples at `indexes`, in that order, with their labels. */
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
  const size = values.length / count;
  const rows = values.slice(0, size * indexes.length) as typeof values;
  indexes.forEach((index, position) => {
    // Both are of one type; TypeScript cannot see it for a union of arrays.
    rows.set(values.subarray(index * size, (index + 1) * size) as never, position * size);
  });
  return { dtype, shape: [indexes.length, ...shape.slice(1)], values: rows };
}
