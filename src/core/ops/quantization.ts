/** Between number formats: quantize, dequantize, cast, and unpacking of sparse constants. */
import { activation, define, free, fromShape, sameShape, versions } from './define';
import type { TensorType } from '../model/types';
import type { KnownBuiltin, OpSpec } from './spec';

function converter(facts: Partial<OpSpec>): OpSpec {
  return define({ category: 'quantization', inputs: [activation()], shapes: sameShape(), ...facts });
}

const bytesOf: Partial<Record<TensorType, number>> = {
  BOOL: 1,
  INT8: 1,
  UINT8: 1,
  FLOAT16: 2,
  BFLOAT16: 2,
  INT16: 2,
  UINT16: 2,
  FLOAT32: 4,
  INT32: 4,
  UINT32: 4,
  FLOAT64: 8,
  INT64: 8,
  UINT64: 8,
  COMPLEX64: 8,
  COMPLEX128: 16,
};

export const quantization = {
  // Also quantized to quantized: the output's scale is its own. Versions are by input here; INT16 output needs 2,
  // one scale per channel 3, INT4 output 4.
  QUANTIZE: converter({
    quantization: free,
    versions: versions({ 1: ['FLOAT32', 'INT8', 'UINT8', 'INT16'], 4: ['INT4'], 5: ['UINT4'] }),
  }),
  // INT8 with one scale per channel needs version 5.
  DEQUANTIZE: converter({
    quantization: free,
    versions: versions({
      1: ['UINT8'],
      2: ['INT8'],
      3: ['INT16', 'FLOAT16'],
      6: ['INT4'],
      7: ['INT2'],
      8: ['UINT4'],
      9: ['FLOAT8_E4M3FN', 'FLOAT8_E5M2'],
    }),
  }),
  FAKE_QUANT: converter({}),
  DENSIFY: converter({ versions: versions({ 1: ['FLOAT32', 'FLOAT16', 'INT8'] }) }),
  CAST: converter({
    versions: versions({
      1: ['FLOAT32', 'INT32', 'INT64', 'INT16', 'UINT8', 'BOOL', 'COMPLEX64'],
      2: ['UINT32'],
      3: ['INT8'],
      4: ['UINT16'],
      5: ['FLOAT64', 'FLOAT16'],
      6: ['INT4'],
      7: ['BFLOAT16'],
      8: ['INT2', 'UINT4'],
      9: ['FLOAT8_E4M3FN', 'FLOAT8_E5M2'],
    }),
  }),
  // The same bytes read as another type: a smaller one adds an axis, a larger one takes the last away.
  BITCAST: converter({
    shapes: fromShape(0, (shape, view) => {
      const from = bytesOf[view.inputs[0]?.type ?? 'FLOAT32'];
      const to = bytesOf[view.outputs[0]?.type ?? 'FLOAT32'];
      if (from === undefined || to === undefined) return null;
      if (from > to) return [...shape, from / to];
      return from < to ? shape.slice(0, -1) : shape;
    }),
    versions: versions({
      1: ['FLOAT32', 'FLOAT64', 'INT8', 'UINT8', 'INT16', 'UINT16', 'INT32', 'UINT32', 'INT64', 'UINT64'],
    }),
  }),
} satisfies Partial<Record<KnownBuiltin, OpSpec>>;
