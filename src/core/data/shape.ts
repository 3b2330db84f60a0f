/** Which sample shapes go into which model input. */
import { ModelError } from '../errors';
import type { TensorInfo } from '../tensor-data';
import { elementCount } from './values';

/**
 * The shape that one sample of data shaped [samples, …] is fed with. Taken are, in this order:
 * 1. the input's shape without its batch dimension ([N, 28, 28, 1] for [1, 28, 28, 1]);
 * 2. the input's whole shape ([N, 42] for [42], [N, 4, 10] for a fixed batch of 4);
 * 3. the same with dimensions of size 1 left out or added ([N, 28, 28]);
 * 4. all values in a row ([N, 784]), or a flat input ([1, 784] from [N, 28, 28]).
 * Nothing is ever transposed, cropped, resized or repeated.
 * @throws ModelError `bad-data` for every other shape
 */
export function fitSample(dataShape: readonly number[], input: TensorInfo): readonly number[] {
  const sample = dataShape.slice(1);
  const wanted = input.shape;
  const inner = wanted.slice(1);
  const batchOfOne = wanted.length > 0 && (wanted[0] === 1 || wanted[0] === -1);
  if ((batchOfOne || wanted.length === 0) && matches(sample, inner))
    return wanted.length === 0 ? [] : [1, ...sample];
  if (matches(sample, wanted)) return sample;
  const fixed = wanted.map((size, axis) => (axis === 0 && size === -1 ? 1 : size));
  if (fixed.every((size) => size >= 0)) {
    const same = elementCount(sample) === elementCount(fixed);
    const isFlat = (shape: readonly number[]) => squeeze(shape).length <= 1;
    if (same && (matches(squeeze(sample), squeeze(fixed)) || isFlat(sample) || isFlat(fixed))) return fixed;
  }
  throw new ModelError('bad-data', explain(dataShape, input, batchOfOne));
}

function explain(dataShape: readonly number[], input: TensorInfo, batchOfOne: boolean): string {
  const sample = dataShape.slice(1);
  const inner = batchOfOne ? input.shape.slice(1) : input.shape;
  const found = `The data have the shape ${show(dataShape)}`;
  const needed = `the input "${input.name}" needs ${show(['N', ...inner])}`;
  const [first, ...rest] = sample;
  if (sample.length === inner.length - 1 && matches(dataShape, inner))
    return `${found} and so no dimension for the samples; ${needed}.`;
  if (dataShape.length < inner.length + 1)
    return `${found}, which is too few dimensions; ${needed}, N being the number of samples.`;
  if (sample.length > 1 && matches([...rest, first!], inner))
    return `${found} with the channels first; ${needed} with the channels last.`;
  return `${found}, ${needed}, N being the number of samples.`;
}

/** -1 in `wanted` takes any size. */
function matches(shape: readonly number[], wanted: readonly number[]): boolean {
  return shape.length === wanted.length && shape.every((size, i) => wanted[i] === size || wanted[i] === -1);
}

function squeeze(shape: readonly number[]): readonly number[] {
  return shape.filter((size) => size !== 1);
}

function show(shape: readonly (number | string)[]): string {
  return `[${shape.map((size) => (size === -1 ? 'any' : String(size))).join(', ')}]`;
}
