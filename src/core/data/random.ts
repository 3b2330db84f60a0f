import { ModelError } from '../errors';
import { seededRandom } from '../random';
import type { TensorData, TensorInfo } from '../tensor-data';
import type { Dataset } from './types';
import { elementCount, isFloat } from './values';

/**
 * Random samples for a model, the same for the same seed. Floating-point inputs get values in [0, 1); quantized inputs
 * real values over their whole range; other whole-number inputs and booleans 0 or 1, which are valid as indexes too.
 * Unknown sizes are taken as 1. The values are real (float32), so that they also fit variants with other input types.
 * @throws ModelError `unsupported` for inputs that are not numbers
 */
export function randomDataset(inputs: readonly TensorInfo[], sampleCount: number, seed: number): Dataset {
  const random = seededRandom(seed);
  return {
    name: 'Random values',
    inputs: inputs.map((input) => randomValues(input, sampleCount, random)),
    inputNames: inputs.map(() => null),
    sampleCount,
    labels: null,
    classNames: null,
    isRandom: true,
  };
}

const integers: Readonly<Partial<Record<TensorInfo['dtype'], readonly [number, number]>>> = {
  INT8: [-128, 127],
  UINT8: [0, 255],
  INT16: [-32768, 32767],
  UINT16: [0, 65535],
};
const indexes: ReadonlySet<string> = new Set([
  'INT8',
  'UINT8',
  'INT16',
  'UINT16',
  'INT32',
  'UINT32',
  'INT64',
  'UINT64',
  'BOOL',
]);

function randomValues(input: TensorInfo, sampleCount: number, random: () => number): TensorData {
  const shape = [sampleCount, ...input.shape.map((size) => (size === -1 ? 1 : size))];
  const values = new Float32Array(elementCount(shape));
  const range = integers[input.dtype];
  const scale = input.quantization?.scale[0] ?? 0;
  if (isFloat(input.dtype)) for (let i = 0; i < values.length; i++) values[i] = random();
  else if (range && scale > 0) {
    const zeroPoint = input.quantization?.zeroPoint[0] ?? 0;
    const [low, high] = [(range[0] - zeroPoint) * scale, (range[1] - zeroPoint) * scale];
    for (let i = 0; i < values.length; i++) values[i] = low + random() * (high - low);
  } else if (indexes.has(input.dtype))
    for (let i = 0; i < values.length; i++) values[i] = random() < 0.5 ? 0 : 1;
  else
    throw new ModelError(
      'unsupported',
      `The input "${input.name}" takes ${input.dtype.toLowerCase()} values, for which there is no random data.`,
    );
  return { dtype: 'FLOAT32', shape, values };
}
