/** Weights of the passes that leave activations float, as 8-bit or 4-bit integers: how they are rounded and stored. */
import { makeQuantization, makeTensor, type ModelDraft } from '../../model/edit';
import { float32ToFloat16, packInt4 } from '../../model/numeric';
import type { Tensor } from '../../model/types';
import type { OptionSpec, Options } from '../types';
import { bytesOf } from '../weight-values';
import { textOption } from '../options';
import { quantizeInt8 } from './int8';
import { chooseWeights, layerRows } from './weights/choose';

/** How a weight is to be stored. */
export interface WeightForm {
  readonly bits: 8 | 4;
  /** Inputs that share a scale; null: one scale for each channel or for the tensor. */
  readonly blockSize: number | null;
  readonly clip: 'none' | 'mse' | 'octav';
}

export const int8Form: WeightForm = { bits: 8, blockSize: null, clip: 'none' };

export const weightBitsOption: OptionSpec = {
  kind: 'choice',
  preset: 'int8',
  choices: [
    { value: 'int8', label: 'int8' },
    { value: 'int4', label: 'int4' },
  ],
  label: 'Weights',
  hint: 'int4 halves the weights once more and is much coarser; operators without an int4 kernel get int8.',
};

export const clipOption: OptionSpec = {
  kind: 'choice',
  preset: 'none',
  choices: [
    { value: 'none', label: 'Off' },
    { value: 'mse', label: 'Least squared error' },
    { value: 'octav', label: 'OCTAV' },
  ],
  label: 'Clipping of int4 weights',
  hint: 'Narrower scales where a few large weights make all others coarse; kept for a channel only when its squared error shrinks.',
};

export const blockSizes = [32, 64, 128, 256] as const;

export const blockSizeOption: OptionSpec = {
  kind: 'choice',
  preset: 'none',
  choices: [
    { value: 'none', label: 'Off' },
    ...blockSizes.map((size) => ({ value: String(size), label: `${size} inputs` })),
  ],
  label: 'Blocks of int4 weights',
  hint: 'A scale for every so many inputs of an output, for fully-connected operators and embeddings whose inputs it divides: more accurate, at half a byte to a sixteenth more for each block.',
};

/** What the options ask for, where the operator takes it. */
export function weightForm(options: Options, takesInt4: boolean, blockInputs: number | null): WeightForm {
  if (textOption(options, 'weights') !== 'int4' || !takesInt4) return int8Form;
  const size = 'blockSize' in options ? textOption(options, 'blockSize') : 'none';
  const blockSize = size === 'none' ? null : Number(size);
  const divides = blockSize !== null && blockInputs !== null && blockInputs % blockSize === 0;
  return {
    bits: 4,
    blockSize: divides ? blockSize : null,
    clip: textOption(options, 'clip') as WeightForm['clip'],
  };
}

export interface RoundedBytes {
  readonly bytes: Uint8Array;
  readonly scales: Float32Array;
  /** How they were rounded, when it was not plainly: for the report. Else empty. */
  readonly sentence: string;
}

/**
 * Rounds finite weights: one scale along `axis` (null: for all), or one per block of the last axis. 8 bits as the official
 * converter does, with `ranges` of `weightRanges` for that axis. With 4 bits, [-8, 7], squared error decides among what
 * the form allows, and weights that lie on a 4-bit grid already get that grid back.
 */
export function roundWeights(
  values: Float32Array,
  shape: readonly number[],
  axis: number | null,
  ranges: Float32Array,
  { bits, blockSize, clip }: WeightForm,
): RoundedBytes {
  if (bits === 8) {
    const { values: integers, scales } = quantizeInt8(values, shape, axis, ranges);
    return { bytes: bytesOf(integers), scales, sentence: '' };
  }
  const grain = blockSize !== null ? { blockSize } : axis === null ? 'tensor' : 'channel';
  const {
    values: integers,
    scales,
    sentence,
    error,
    plainError,
  } = chooseWeights(
    values,
    shape,
    layerRows(shape, axis ?? 0),
    { bits, grain, rounding: 'nearest', clip, correctsBias: false, leastScales: null },
    null,
  );
  return { bytes: packInt4(integers), scales, sentence: error < plainError ? sentence : '' };
}

/** Type and quantization of a tensor that holds such weights; blockwise scales become a constant of their own. */
export function integerFields(
  draft: ModelDraft,
  subgraph: number,
  name: string,
  shape: readonly number[],
  scales: Float32Array,
  axis: number | null,
  { bits, blockSize }: WeightForm,
): Pick<Tensor, 'type' | 'quantization'> {
  const type = bits === 4 ? 'INT4' : 'INT8';
  if (blockSize === null) {
    const zeroPoints = Array.from(scales, () => 0);
    return { type, quantization: makeQuantization(scales, zeroPoints, axis ?? 0) };
  }
  const scaleTensor = draft.addTensor(
    subgraph,
    makeTensor({
      name: `${name}_scales`,
      type: 'FLOAT16',
      shape: Int32Array.from([...shape.slice(0, -1), shape.at(-1)! / blockSize]),
      buffer: draft.addBuffer(bytesOf(float32ToFloat16(scales))),
    }),
  );
  return {
    type,
    quantization: {
      ...makeQuantization([], []),
      scale: null,
      zeroPoint: null,
      details: { type: 'BlockwiseQuantization', value: { scales: scaleTensor, zeroPoints: -1, blockSize } },
    },
  };
}

/** The form in words. */
export function formWords({ bits, blockSize }: WeightForm, axis: number | null): string {
  if (blockSize !== null) return `int${bits}, one scale per ${blockSize} inputs`;
  return `int${bits}, ${axis === null ? 'one scale' : 'one scale per channel'}`;
}
