/** Values of constants for the screen. */
import { constantBytes, dtypeName, stringValues, tensorAt } from '../model/tensors';
import type { Model } from '../model/types';
import { valueReader } from './value-reader';

/**
 * Values `offset` to `offset + count` (cut at the end) of a constant in row-major order: real values, or with `raw` the
 * numbers as stored (16- and 8-bit floats decoded). 64-bit integers lose precision above 2^53.
 * @throws ModelError `unsupported` when the tensor has no numbers in the file
 */
export function tensorValuesPage(
  model: Model,
  subgraph: number,
  index: number,
  offset: number,
  count: number,
  raw: boolean,
): Float64Array {
  const reader = valueReader(model, subgraph, index);
  return Float64Array.from(raw ? reader.stored(offset, count) : reader.real(offset, count));
}

/** Texts of a string constant, at most `limit`; null for other tensors. */
export function tensorTexts(model: Model, subgraph: number, index: number, limit: number): string[] | null {
  const tensor = tensorAt(model, subgraph, index);
  const bytes = constantBytes(model, tensor);
  if (bytes === null || dtypeName(tensor.type) !== 'string') return null;
  return stringValues(bytes).slice(0, limit);
}
