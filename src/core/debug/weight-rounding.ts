/** How finely a variant's weights are rounded. */
import { DEAD_BELOW } from '../lint/dead-channels';
import { type Layer, layersOf } from '../lint/layers';
import type { Model } from '../model/types';
import { graphOf } from '../optimize/quantize/integer/graph';
import { MAIN } from './plan';
import type { OperatorDebug } from './types';

export interface WeightRounding {
  /** Energy of the weights over that of their rounding error, s² / 12 each, in dB. */
  readonly sqnrDb: number;
  /** What one scale for each output channel instead of one for all would add, in dB; 0 where there is one for each. */
  readonly perChannelGainDb: number;
  /** Largest weight of a channel over the root mean square of its weights, over all channels by energy. */
  readonly crest: number;
  readonly bits: 8 | 4;
}

/**
 * Looks up how finely the weights of an operator are rounded, by its indexes in a report about these models; null for one
 * without quantized weights. Zeros are exact and take no part.
 */
export function weightRounding(
  original: Model,
  variant: Model,
): (operator: Pick<OperatorDebug, 'operator' | 'variantOperator'>) => WeightRounding | null {
  const floats = new Map(layersOf(graphOf(original, MAIN)).map((layer) => [layer.operator, layer]));
  const integers = new Map(layersOf(graphOf(variant, MAIN)).map((layer) => [layer.operator, layer]));
  const tensors = variant.subgraphs[MAIN]!.tensors;
  return ({ operator, variantOperator }) => {
    const [float, integer] = [floats.get(operator), integers.get(variantOperator)];
    if (!float || !integer || !float.isFinite || !integer.isFinite) return null;
    if (float.channels !== integer.channels || float.depth !== integer.depth) return null;
    const bits = tensors[integer.constant]!.type === 'INT4' ? 4 : 8;
    return roundingOf(float, integer, bits);
  };
}

function roundingOf(float: Layer, integer: Layer, bits: 8 | 4): WeightRounding | null {
  const { scales, channels, spread } = integer;
  if (scales === null || (scales.length !== 1 && scales.length !== channels)) return null;
  const steps = bits === 8 ? 127 : 7;
  let [signal, noise, noisePerChannel, peak] = [0, 0, 0, 0];
  for (let c = 0; c < channels; c++) {
    if (float.spread.largest[c]! < DEAD_BELOW) continue;
    // Not those of the variant, where small weights may have been rounded to zero.
    const count = float.spread.nonZeros[c]!;
    const [largest, rms] = [spread.largest[c]!, spread.rms[c]!];
    const scale = scales[scales.length === 1 ? 0 : c]!;
    signal += spread.nonZeros[c]! * rms * rms;
    noise += (count * scale * scale) / 12;
    noisePerChannel += (count * (largest / steps) ** 2) / 12;
    peak += spread.nonZeros[c]! * largest * largest;
  }
  if (!(signal > 0 && noise > 0)) return null;
  return {
    sqnrDb: 10 * Math.log10(signal / noise),
    perChannelGainDb:
      scales.length === 1 && channels > 1 ? Math.max(0, 10 * Math.log10(noise / noisePerChannel)) : 0,
    crest: Math.sqrt(peak / signal),
    bits,
  };
}
