/** Where each tap of a sliding window reads, along one axis. */
import type { SlidingWindow } from './geometry';

/** `from[output * size + tap]` is the place read by a tap, -1 where it reads padding (or falls between, when spread). */
export interface Taps {
  readonly outputs: number;
  readonly size: number;
  readonly from: Int32Array;
}

/** Taps over height of an input of that height. */
export function tapsOverHeight(window: SlidingWindow, inputSize: number): Taps {
  const { height, strideH, dilationH, padding, spreadTo } = window;
  return spreadTo === null
    ? slidingTaps(inputSize, height, strideH, dilationH, padding === 'SAME')
    : spreadTaps(inputSize, height, strideH, padding === 'SAME', spreadTo[0]);
}

/** Taps over width of an input of that width. */
export function tapsOverWidth(window: SlidingWindow, inputSize: number): Taps {
  const { width, strideW, dilationW, padding, spreadTo } = window;
  return spreadTo === null
    ? slidingTaps(inputSize, width, strideW, dilationW, padding === 'SAME')
    : spreadTaps(inputSize, width, strideW, padding === 'SAME', spreadTo[1]);
}

/** As the kernels of CONV_2D and DEPTHWISE_CONV_2D: SAME pads so that there are ceil(input / stride) outputs, the odd one after. */
function slidingTaps(
  inputSize: number,
  size: number,
  stride: number,
  dilation: number,
  isSame: boolean,
): Taps {
  const reach = (size - 1) * dilation + 1;
  const outputs = isSame
    ? Math.ceil(inputSize / stride)
    : Math.max(0, Math.floor((inputSize - reach) / stride) + 1);
  const before = isSame ? paddingBefore(outputs, stride, reach, inputSize) : 0;
  const from = new Int32Array(outputs * size);
  for (let output = 0; output < outputs; output++) {
    for (let tap = 0; tap < size; tap++) {
      const place = output * stride - before + tap * dilation;
      from[output * size + tap] = place >= 0 && place < inputSize ? place : -1;
    }
  }
  return { outputs, size, from };
}

/**
 * As the kernel of TRANSPOSE_CONV: input i meets tap t at output i * stride - before + t, with the padding that the forward
 * convolution from output to input would have.
 */
function spreadTaps(inputSize: number, size: number, stride: number, isSame: boolean, outputs: number): Taps {
  const before = isSame ? paddingBefore(Math.ceil(outputs / stride), stride, size, outputs) : 0;
  const from = new Int32Array(outputs * size);
  for (let output = 0; output < outputs; output++) {
    for (let tap = 0; tap < size; tap++) {
      const place = (output + before - tap) / stride;
      from[output * size + tap] = Number.isInteger(place) && place >= 0 && place < inputSize ? place : -1;
    }
  }
  return { outputs, size, from };
}

function paddingBefore(windows: number, stride: number, reach: number, size: number): number {
  return Math.max(0, (windows - 1) * stride + reach - size) >> 1;
}
