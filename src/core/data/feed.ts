/** Samples of a dataset as the values that a model's inputs take. */
import { ModelError } from '../errors';
import { plural } from '../format';
import { float32ToFloat16, roundHalfAwayFromZero } from '../model/numeric';
import type { TensorType } from '../model/types';
import type { TensorData, TensorInfo, TensorValues } from '../tensor-data';
import { createScaler } from './scale';
import { fitSample } from './shape';
import type { Dataset, ScaleRule } from './types';
import { elementCount, isFloat, numberReader } from './values';

export interface Feeder {
  /**
   * Inputs for sample `index`, in the order of the model's inputs. The arrays are used again by the next call.
   * @throws ModelError `bad-data` when a value does not fit the input's type
   */
  feed(index: number): readonly TensorData[];
  /** What the user should know about how the data are fed, in plain sentences. */
  readonly notes: readonly string[];
}

const ranges: Readonly<Partial<Record<TensorType, readonly [number, number]>>> = {
  INT8: [-128, 127],
  UINT8: [0, 255],
  INT16: [-32768, 32767],
  UINT16: [0, 65535],
  INT32: [-(2 ** 31), 2 ** 31 - 1],
  UINT32: [0, 2 ** 32 - 1],
  INT64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  UINT64: [0, Number.MAX_SAFE_INTEGER],
  INT4: [-8, 7],
  UINT4: [0, 15],
  INT2: [-2, 1],
  BOOL: [0, 1],
};

/**
 * Prepares a dataset for a model. Data of the model's own integer input type are fed as they are; any other are real
 * values: scaled by the rule, then quantized with the input's scale and zero point (rounded half away from zero,
 * clamped). Integer inputs without a scale take whole numbers only.
 * @param rules one rule for all inputs, or one for each
 * @throws ModelError `bad-data` when the data do not fit the model's inputs
 */
export function createFeeder(
  dataset: Dataset,
  inputs: readonly TensorInfo[],
  rules: ScaleRule | readonly ScaleRule[],
): Feeder {
  const sources = matchInputs(dataset, inputs);
  const notes: string[] = [];
  const writers = inputs.map((input, i) => {
    const source = dataset.inputs[sources[i]!]!;
    const rule: ScaleRule = 'kind' in rules ? rules : (rules[i] ?? { kind: 'none' });
    if (source.dtype === input.dtype && !isFloat(input.dtype) && rule.kind !== 'none' && !dataset.isRandom)
      notes.push(
        `The data already have the type of the input "${input.name}" (${input.dtype.toLowerCase()}) and are fed as they are, without the scaling rule.`,
      );
    return createWriter(source, input, rule);
  });
  return { feed: (index) => writers.map((write) => write(index)), notes };
}

/** Index of the dataset's array for each model input: by name where all names are known, else in order. */
function matchInputs(dataset: Dataset, inputs: readonly TensorInfo[]): number[] {
  if (dataset.inputs.length !== inputs.length)
    throw new ModelError(
      'bad-data',
      `The data have ${plural(dataset.inputs.length, 'input')}, the model takes ${inputs.length} (${inputs.map(({ name }) => name).join(', ')}); give inputs_0.npy, inputs_1.npy, ….`,
    );
  const byName = inputs.map(({ name }) =>
    dataset.inputNames.findIndex((given) => given !== null && isSameInput(given, name)),
  );
  if (byName.every((place) => place >= 0) && new Set(byName).size === byName.length) return byName;
  if (inputs.length > 1 && dataset.inputNames.some((name) => name !== null))
    throw new ModelError(
      'bad-data',
      `The data name the inputs ${dataset.inputNames.map((name) => name ?? '(none)').join(', ')}, the model ${inputs.map(({ name }) => name).join(', ')}; use the same names, or inputs_0.npy, inputs_1.npy, ….`,
    );
  return inputs.map((_, i) => i);
}

/** True when two names mean the same input: `serving_default_x:0` and `x` do. */
export function isSameInput(a: string, b: string): boolean {
  return shortName(a) === shortName(b);
}

function shortName(name: string): string {
  return name.replace(/^serving_default_/, '').replace(/:\d+$/, '');
}

function createWriter(source: TensorData, input: TensorInfo, rule: ScaleRule): (index: number) => TensorData {
  const shape = fitSample(source.shape, input);
  const size = elementCount(source.shape.slice(1));
  const asIs = source.dtype === input.dtype && !isFloat(input.dtype);
  if (asIs || (source.dtype === 'FLOAT32' && input.dtype === 'FLOAT32' && rule.kind === 'none'))
    return (index) => ({
      dtype: input.dtype,
      shape,
      values: source.values.subarray(index * size, (index + 1) * size),
    });

  const read = numberReader(source);
  const channels = Math.max(1, shape.at(-1) ?? 1);
  const scale = createScaler(rule, channels);
  const values = allocate(input, size);
  const encode = encoder(input, channels);
  const halves = input.dtype === 'FLOAT16';
  const integers64 = values instanceof BigInt64Array || values instanceof BigUint64Array;
  return (index) => {
    const start = index * size;
    for (let i = 0; i < size; i++) {
      const channel = i % channels;
      const value = encode(scale(read(start + i), channel), channel, index);
      if (integers64) values[i] = BigInt(value);
      else values[i] = value;
    }
    return { dtype: input.dtype, shape, values: halves ? float32ToFloat16(values as Float32Array) : values };
  };
}

/** Real value to stored number. */
function encoder(
  input: TensorInfo,
  channels: number,
): (real: number, channel: number, sample: number) => number {
  if (isFloat(input.dtype)) return (real) => real;
  const [low, high] = ranges[input.dtype]!;
  const { quantization } = input;
  if (!quantization || quantization.scale.length === 0)
    return (real, _, sample) => {
      if (Number.isInteger(real) && real >= low && real <= high) return real;
      throw new ModelError(
        'bad-data',
        `Sample ${sample} holds ${real}, but the input "${input.name}" takes whole numbers from ${low} to ${high} (${input.dtype.toLowerCase()}).`,
      );
    };
  const { scale, zeroPoint } = quantization;
  if (scale.length > 1 && scale.length !== channels)
    throw new ModelError(
      'unsupported',
      `The input "${input.name}" has scales along an axis that is not its last.`,
    );
  return (real, channel) => {
    const place = scale.length > 1 ? channel : 0;
    const stored = roundHalfAwayFromZero(real / scale[place]!) + (zeroPoint[place] ?? zeroPoint[0] ?? 0);
    return Math.min(high, Math.max(low, stored));
  };
}

/** Room for one sample; float16 inputs are rounded from float32 at the end. */
function allocate(input: TensorInfo, size: number): TensorValues {
  switch (input.dtype) {
    case 'FLOAT32':
    case 'FLOAT16':
      return new Float32Array(size);
    case 'FLOAT64':
      return new Float64Array(size);
    case 'UINT16':
      return new Uint16Array(size);
    case 'INT8':
    case 'INT4':
    case 'INT2':
      return new Int8Array(size);
    case 'UINT8':
    case 'UINT4':
    case 'BOOL':
      return new Uint8Array(size);
    case 'INT16':
      return new Int16Array(size);
    case 'INT32':
      return new Int32Array(size);
    case 'UINT32':
      return new Uint32Array(size);
    case 'INT64':
      return new BigInt64Array(size);
    case 'UINT64':
      return new BigUint64Array(size);
    default:
      throw new ModelError(
        'unsupported',
        `The input "${input.name}" takes ${input.dtype.toLowerCase()} values, which Whittle cannot feed.`,
      );
  }
}
