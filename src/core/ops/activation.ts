/** Activation functions: one value in, one value out, the shape unchanged; and the softmax pair. */
import { activation as operand, define, free, sameShape, versions, weight } from './define';
import type { FixedScale, KnownBuiltin, OpSpec } from './spec';

function elementwise(facts: Partial<OpSpec> = {}): OpSpec {
  return define({ category: 'activation', inputs: [operand()], shapes: sameShape(), ...facts });
}

function fixedOutput(int8: FixedScale, int16: FixedScale | null = null) {
  return { kind: 'fixed-output', int8, int16 } as const;
}
/** Outputs in [0, 1) and in [-1, 1) as the kernels write them. */
const unit = { scale: 1 / 256, zeroPoint: -128 };
const signedUnit = { scale: 1 / 128, zeroPoint: 0 };
const unit16 = { scale: 1 / 32768, zeroPoint: 0 };

const byteVersions = versions({ 1: ['FLOAT32', 'UINT8', 'INT8'] });
const threeVersions = versions({ 1: ['FLOAT32', 'UINT8'], 2: ['INT8'], 3: ['INT16'] });

export const activation = {
  RELU: elementwise({
    quantization: free,
    versions: versions({ 1: ['FLOAT32'], 2: ['INT8', 'UINT8'], 3: ['INT16'] }),
  }),
  RELU6: elementwise({ quantization: free, versions: threeVersions }),
  RELU_N1_TO_1: elementwise({ quantization: free, versions: byteVersions }),
  RELU_0_TO_1: elementwise({ quantization: free, versions: byteVersions }),
  LEAKY_RELU: elementwise({
    quantization: free,
    versions: versions({ 1: ['FLOAT32', 'UINT8', 'INT8'], 2: ['INT16'] }),
  }),
  // alpha is broadcast over the input, [1, 1, channels] as a rule.
  PRELU: elementwise({
    inputs: [operand(), weight('alpha')],
    quantization: free,
    versions: byteVersions,
  }),
  ELU: elementwise({ quantization: free, versions: versions({ 1: ['FLOAT32', 'INT8'] }) }),
  GELU: elementwise({
    quantization: free,
    versions: versions({ 1: ['FLOAT32'], 2: ['INT8', 'UINT8'], 3: ['FLOAT16'] }),
  }),
  HARD_SWISH: elementwise({ quantization: free, versions: byteVersions }),
  LOGISTIC: elementwise({ quantization: fixedOutput(unit, unit16), versions: threeVersions }),
  TANH: elementwise({ quantization: fixedOutput(signedUnit, unit16), versions: threeVersions }),
  SOFTMAX: elementwise({
    quantization: fixedOutput(unit, unit16),
    versions: versions({ 1: ['FLOAT32', 'UINT8'], 2: ['INT8'], 3: ['INT16'], 4: ['FLOAT16'] }),
  }),
  LOG_SOFTMAX: elementwise({
    quantization: fixedOutput({ scale: 16 / 256, zeroPoint: 127 }),
    versions: versions({ 1: ['FLOAT32', 'UINT8'], 2: ['INT8'] }),
  }),
} satisfies Partial<Record<KnownBuiltin, OpSpec>>;
