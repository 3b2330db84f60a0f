/** Inputs for any model, the same ones for the same seed. */
import { seededRandom } from '../../src/core/random';
import type { TensorData, TensorInfo } from '../../src/core/tensor-data';
import { VALUE_ARRAYS } from '../../src/engines/litert/element-types';

/**
 * Values over the whole range of small quantized types, in [0, 1) for floats, 0 or 1 for other numbers, which are
 * valid as indexes too. Dynamic sizes are `batch`.
 */
export function randomInput(info: TensorInfo, seed: number, batch = 1): TensorData {
  const random = seededRandom(seed);
  const shape = info.shape.map((size) => (size === -1 ? batch : size));
  const count = shape.reduce((product, size) => product * size, 1);
  const constructor = VALUE_ARRAYS[info.dtype]!;
  const values = new constructor(new ArrayBuffer(count * constructor.BYTES_PER_ELEMENT));
  const isQuantized = info.quantization !== null;
  for (let i = 0; i < count; i++) {
    const value = random();
    if (values instanceof BigInt64Array || values instanceof BigUint64Array)
      values[i] = value < 0.5 ? 0n : 1n;
    else if (info.dtype === 'FLOAT16') values[i] = 0x3000 + Math.floor(value * 0x800);
    else if (info.dtype.startsWith('FLOAT')) values[i] = value;
    else
      values[i] = isQuantized
        ? Math.floor(value * 256) - (info.dtype === 'UINT8' ? 0 : 128)
        : value < 0.5
          ? 0
          : 1;
  }
  return { dtype: info.dtype, shape, values };
}
