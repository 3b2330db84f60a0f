/** The original's values as a variant holds them whose channels were scaled. */
import type { RealValues } from '../model/dequantize';
import type { Model } from '../model/types';
import type { RescaledTensor } from '../optimize/types';
import { MAIN } from './plan';

/** By tensor of the original's main subgraph. */
export type Rescaling = ReadonlyMap<number, RescaledTensor>;

/** Finds the tensors by their names; one whose channels do not fit is left as it is. */
export function findRescaled(original: Model, rescaled: readonly RescaledTensor[]): Rescaling {
  const byName = new Map(rescaled.map((one) => [one.name, one]));
  return new Map(
    original.subgraphs[MAIN]!.tensors.flatMap(({ name, shape }, tensor) => {
      const found = name === null || name === '' ? undefined : byName.get(name);
      return found && shape?.at(-1) === found.divisors.length ? [[tensor, found] as const] : [];
    }),
  );
}

/** value / divisor - shift for each channel of the last axis. */
export function rescale(values: RealValues, { divisors, shifts }: RescaledTensor): Float32Array {
  const channels = divisors.length;
  const scaled = new Float32Array(values.length);
  for (let i = 0, c = 0; i < values.length; i++, c = c + 1 === channels ? 0 : c + 1) {
    scaled[i] = Number(values[i]) / divisors[c]! - shifts[c]!;
  }
  return scaled;
}
