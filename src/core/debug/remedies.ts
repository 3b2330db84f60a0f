/** What helps against the causes of errors. */
import { specOf } from '../ops';
import type { Remedy } from './advice';
import type { Cause } from './causes';
import type { OperatorDebug } from './types';
import type { WeightRounding } from './weight-rounding';

/** One scale for each channel must add this much to be worth a word. */
const WORTHWHILE_DB = 3;
/**
 * Largest value over root mean square from which clipping pays: where the scale of least squared error ends for
 * Laplace-distributed weights (Banner et al., arXiv 1810.05723: 9.89 b for 8 bits, 5.03 b for 4, b = rms / sqrt(2)).
 */
const CLIP_CREST = { 8: 9.89 / Math.SQRT2, 4: 5.03 / Math.SQRT2 } as const;

/** Whether one scale for each channel would round the weights far more finely. */
export function gainsByChannels({ perChannelGainDb }: WeightRounding): boolean {
  return perChannelGainDb >= WORTHWHILE_DB;
}

/** Whether a few large weights make the scale coarse for all others. */
export function gainsByClipping({ crest, bits }: WeightRounding): boolean {
  return crest >= CLIP_CREST[bits];
}

/** Whether a few large values stretch the 8-bit range of an output that may have any scale. */
function isStretched({ kind, dtype }: OperatorDebug, { outputSteps }: Cause): boolean {
  if (specOf(kind)?.quantization.kind !== 'free' || dtype === 'int16' || outputSteps === null) return false;
  return outputSteps * 2 * CLIP_CREST[8] < 255;
}

/** Whether the kernel makes output and input share one scale. */
export function isSameScale(kind: string): boolean {
  return specOf(kind)?.quantization.kind === 'same-scale';
}

/** What helps against a cause, the most effective first; `isBad`: the operator is bad enough to be left float. */
export function remediesOf(operator: OperatorDebug, cause: Cause, isBad: boolean): Remedy[] {
  const remedies: Remedy[] = [];
  const { weights } = cause;
  switch (cause.kind) {
    case 'saturation':
    case 'cut-inputs':
      remedies.push('more-samples');
      break;
    case 'wide-range':
      if (!isSameScale(operator.kind)) remedies.push('clip');
      if (takesInt16(operator)) remedies.push('int16');
      break;
    case 'output':
      if (takesInt16(operator)) remedies.push('int16');
      if (isStretched(operator, cause)) remedies.push('clip');
      break;
    case 'inputs':
      if (takesInt16(operator) && cause.writers.every(takesInt16)) remedies.push('int16');
      break;
    case 'weights':
      if (weights === null) break;
      if (gainsByChannels(weights)) {
        remedies.push('per-channel');
        if (operator.dtype !== 'float32') remedies.push('equalize');
      }
      if (gainsByClipping(weights)) remedies.push('clip');
      break;
    case 'shift':
    case 'unknown':
      break;
  }
  if (isBad) remedies.push('leave-float');
  return remedies;
}

/** Whether there is a kernel with 16-bit activations for an operator that has 8-bit ones now. */
function takesInt16({ kind, dtype }: OperatorDebug): boolean {
  const spec = specOf(kind);
  if (!spec || (dtype !== 'int8' && dtype !== 'uint8') || spec.versions.INT16 === undefined) return false;
  return spec.quantization.kind !== 'fixed-output' || spec.quantization.int16 !== null;
}
