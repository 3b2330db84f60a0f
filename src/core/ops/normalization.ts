/** Normalizations with an operator of their own; layer and batch normalization are spelled out in MEAN, SUB, MUL. */
import { activation, define, sameShape, versions } from './define';
import type { KnownBuiltin, OpSpec } from './spec';

export const normalization = {
  L2_NORMALIZATION: define({
    category: 'normalization',
    inputs: [activation()],
    shapes: sameShape(),
    quantization: { kind: 'fixed-output', int8: { scale: 1 / 128, zeroPoint: 0 }, int16: null },
    versions: versions({ 1: ['FLOAT32', 'UINT8'], 2: ['INT8'] }),
  }),
  LOCAL_RESPONSE_NORMALIZATION: define({
    category: 'normalization',
    inputs: [activation()],
    shapes: sameShape(),
  }),
} satisfies Partial<Record<KnownBuiltin, OpSpec>>;
