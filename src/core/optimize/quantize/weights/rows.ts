/** Weights as rows, one for each output, whichever axis the outputs lie along. */
import { stridesAlong } from './scales';

/**
 * Weights of the row-major `shape` as [channels, values per channel], the channels along `axis` and the values of each in
 * their order. The weights themselves when they lie so already: do not write into the result.
 */
export function rowsOf<T extends Int8Array | Float32Array>(
  values: T,
  shape: readonly number[],
  axis: number,
): T {
  const { outer, channels, inner } = stridesAlong(shape, axis, values.length);
  if (outer === 1) return values;
  const rows = values.slice() as T;
  let from = 0;
  for (let block = 0; block < outer; block++) {
    for (let channel = 0; channel < channels; channel++) {
      let to = (channel * outer + block) * inner;
      for (const end = to + inner; to < end; to++) rows[to] = values[from++]!;
    }
  }
  return rows;
}

/** The opposite of `rowsOf`: integers or floats in the order of the operator's weights. */
export function fromRows<T extends Int8Array | Float32Array>(
  rows: T,
  shape: readonly number[],
  axis: number,
): T {
  const { outer, channels, inner } = stridesAlong(shape, axis, rows.length);
  if (outer === 1) return rows;
  const values = rows.slice() as T;
  let to = 0;
  for (let block = 0; block < outer; block++) {
    for (let channel = 0; channel < channels; channel++) {
      let from = (channel * outer + block) * inner;
      for (const end = from + inner; from < end; from++) values[to++] = rows[from]!;
    }
  }
  return values;
}
