/** Elementwise arithmetic, comparisons and logic. Two operands are broadcast against each other. */
import { activation, define, free, index, indexOnly, parameter } from './define';
import { sameScale, sameShape, versions } from './define';
import { broadcast } from './shape-math';
import type { KnownBuiltin, OpSpec, ShapeRule } from './spec';

const broadcastShapes: ShapeRule = (view) => [broadcast(...view.inputShapes)];

function binary(facts: Partial<OpSpec>): OpSpec {
  return define({
    category: 'arithmetic',
    inputs: [activation('left'), activation('right')],
    shapes: broadcastShapes,
    ...facts,
  });
}

function unary(facts: Partial<OpSpec> = {}): OpSpec {
  return define({ category: 'arithmetic', inputs: [activation()], shapes: sameShape(), ...facts });
}

/** Gives booleans. The kernels do not rescale: quantized operands need the same scale. */
function comparison(byType: OpSpec['versions']): OpSpec {
  return binary({ quantization: indexOnly, versions: byType });
}

function logical(operands: readonly string[]): OpSpec {
  return define({
    category: 'arithmetic',
    inputs: operands.map((name) => index(name)),
    shapes: broadcastShapes,
    versions: versions({ 1: ['BOOL'] }),
  });
}

const integers = versions({ 1: ['INT8', 'UINT8', 'INT16', 'UINT16', 'INT32', 'UINT32'] });

export const arithmetic = {
  ADD: binary({
    quantization: free,
    versions: versions({
      1: ['FLOAT32', 'INT32', 'UINT8'],
      2: ['INT8'],
      3: ['INT16'],
      4: ['INT64'],
      6: ['FLOAT16'],
    }),
  }),
  SUB: binary({
    quantization: free,
    versions: versions({
      1: ['FLOAT32', 'FLOAT16', 'INT32', 'UINT8'],
      2: ['INT8'],
      4: ['INT64'],
      5: ['INT16'],
    }),
  }),
  // Version 3 where left scale * right scale / output scale is 1 or more.
  MUL: binary({
    quantization: free,
    versions: versions({
      1: ['FLOAT32', 'INT32', 'UINT8'],
      2: ['INT8'],
      4: ['INT16'],
      5: ['INT64'],
      6: ['COMPLEX64'],
      7: ['UINT32'],
      8: ['FLOAT16'],
    }),
  }),
  DIV: binary({
    quantization: free,
    versions: versions({ 1: ['FLOAT32', 'FLOAT16', 'INT32', 'UINT8', 'INT8'] }),
  }),
  SQUARED_DIFFERENCE: binary({
    quantization: free,
    versions: versions({ 1: ['FLOAT32', 'INT32'], 2: ['INT8'] }),
  }),
  MAXIMUM: binary({
    quantization: sameScale,
    versions: versions({
      1: ['FLOAT32', 'FLOAT16', 'INT32', 'INT64', 'UINT8'],
      2: ['INT8'],
      4: ['INT16'],
    }),
  }),
  MINIMUM: binary({
    quantization: sameScale,
    versions: versions({ 1: ['FLOAT32', 'INT32', 'INT64', 'UINT8'], 2: ['INT8'], 4: ['INT16'] }),
  }),
  POW: binary({ versions: versions({ 1: ['FLOAT32', 'INT32'] }) }),
  ATAN2: binary({ versions: versions({ 1: ['FLOAT32', 'FLOAT64'] }) }),
  FLOOR_DIV: binary({ versions: versions({ 1: ['INT32'], 2: ['FLOAT32'], 3: ['INT8', 'INT16'] }) }),
  FLOOR_MOD: binary({ versions: versions({ 1: ['FLOAT32', 'INT32', 'INT64'], 2: ['INT8', 'INT16'] }) }),
  ADD_N: define({
    category: 'arithmetic',
    inputs: [activation()],
    variadicInputs: true,
    shapes: sameShape(),
    versions: versions({ 1: ['FLOAT32', 'INT32'] }),
  }),
  BITWISE_XOR: binary({ versions: integers }),
  RIGHT_SHIFT: binary({ versions: integers }),

  ABS: unary({
    quantization: free,
    versions: versions({ 1: ['FLOAT32'], 2: ['INT8', 'UINT8'], 3: ['INT16'], 5: ['INT32'] }),
  }),
  NEG: unary({ versions: versions({ 1: ['FLOAT32', 'INT32', 'INT64'] }) }),
  SIGN: unary({ versions: versions({ 1: ['FLOAT32', 'FLOAT64'], 2: ['INT32'] }) }),
  EXP: unary({ quantization: free, versions: versions({ 1: ['FLOAT32', 'FLOAT16'], 2: ['INT8', 'INT16'] }) }),
  LOG: unary({ quantization: free, versions: versions({ 1: ['FLOAT32'], 2: ['INT8', 'INT16'] }) }),
  SQRT: unary({ quantization: free, versions: versions({ 1: ['FLOAT32'], 2: ['INT8', 'INT16'] }) }),
  RSQRT: unary({ quantization: free, versions: versions({ 1: ['FLOAT32'], 2: ['INT8'], 3: ['INT16'] }) }),
  SQUARE: unary(),
  SIN: unary({ versions: versions({ 1: ['FLOAT32'], 2: ['FLOAT16'] }) }),
  COS: unary({ versions: versions({ 1: ['FLOAT32'], 2: ['FLOAT16'] }) }),
  FLOOR: unary(),
  CEIL: unary(),
  ROUND: unary(),
  // Real and imaginary numbers.
  REAL: unary({ versions: versions({ 1: ['COMPLEX64', 'COMPLEX128'] }) }),
  IMAG: unary({ versions: versions({ 1: ['COMPLEX64', 'COMPLEX128'] }) }),
  COMPLEX_ABS: unary({ versions: versions({ 1: ['COMPLEX64', 'COMPLEX128'] }) }),

  EQUAL: comparison(
    versions({
      1: ['BOOL', 'FLOAT32', 'INT32', 'INT64', 'UINT8'],
      2: ['INT8'],
      3: ['STRING'],
      5: ['INT16'],
    }),
  ),
  NOT_EQUAL: comparison(
    versions({
      1: ['BOOL', 'FLOAT32', 'INT32', 'INT64', 'UINT8'],
      2: ['INT8'],
      3: ['STRING'],
      4: ['INT16'],
    }),
  ),
  GREATER: comparison(versions({ 1: ['FLOAT32', 'INT32', 'INT64', 'UINT8'], 2: ['INT8'] })),
  GREATER_EQUAL: comparison(
    versions({ 1: ['FLOAT32', 'INT32', 'INT64', 'UINT8'], 2: ['INT8'], 3: ['INT16'] }),
  ),
  LESS: comparison(versions({ 1: ['FLOAT32', 'INT32', 'INT64', 'UINT8'], 2: ['INT8'], 3: ['INT16'] })),
  LESS_EQUAL: comparison(versions({ 1: ['FLOAT32', 'INT32', 'INT64', 'UINT8'], 2: ['INT8'] })),
  LOGICAL_AND: logical(['left', 'right']),
  LOGICAL_OR: logical(['left', 'right']),
  LOGICAL_NOT: logical(['input']),

  // Running sum along one axis: sums without products.
  CUMSUM: define({
    category: 'arithmetic',
    inputs: [activation(), parameter('axis')],
    shapes: sameShape(),
    versions: versions({ 1: ['FLOAT32', 'INT32', 'INT64'] }),
  }),
} satisfies Partial<Record<KnownBuiltin, OpSpec>>;
