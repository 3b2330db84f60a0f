/** Errors of all outputs of a layer, group by group. `deltas` are rows [outputs, depth]: what rounding added to the weights. */
import type { LayerRows } from './candidates';
import type { InputMoments } from './gram';
import { layerError, meanShift } from './layer-error';

/** Squared error of each output's weights. */
export function squaredLengths(deltas: Float32Array, depth: number): Float64Array {
  const errors = new Float64Array(deltas.length / depth);
  for (let output = 0, at = 0; output < errors.length; output++) {
    let sum = 0;
    for (const end = at + depth; at < end; at++) sum += deltas[at]! * deltas[at]!;
    errors[output] = sum;
  }
  return errors;
}

/** Expected squared error of each output on those inputs. */
export function outputErrors(
  deltas: Float32Array,
  { outputs, depth, groups }: LayerRows,
  moments: InputMoments,
): Float64Array {
  const errors = new Float64Array(outputs);
  const perGroup = outputs / groups;
  for (let group = 0; group < groups; group++) {
    const part = deltas.subarray(group * perGroup * depth, (group + 1) * perGroup * depth);
    errors.set(layerError(part, depth, moments.grams[group]!), group * perGroup);
  }
  return errors;
}

/**
 * What is left of errors e on held-out inputs when the bias takes up the mean change m seen on the others:
 * E[(e - m)^2].
 */
export function leftByBias(
  errors: Float64Array,
  deltas: Float32Array,
  layer: LayerRows,
  { fit, heldOut }: { readonly fit: InputMoments; readonly heldOut: InputMoments },
): Float64Array {
  const taken = outputShifts(deltas, layer, fit);
  const shifts = outputShifts(deltas, layer, heldOut);
  return errors.map((error, i) => Math.max(0, error - taken[i]! * (2 * shifts[i]! - taken[i]!)));
}

/** Mean change of each output on those inputs. */
export function outputShifts(
  deltas: Float32Array,
  { outputs, depth, groups }: LayerRows,
  moments: InputMoments,
): Float64Array {
  const shifts = new Float64Array(outputs);
  const perGroup = outputs / groups;
  for (let group = 0; group < groups; group++) {
    const part = deltas.subarray(group * perGroup * depth, (group + 1) * perGroup * depth);
    shifts.set(meanShift(part, depth, moments.means[group]!), group * perGroup);
  }
  return shifts;
}
