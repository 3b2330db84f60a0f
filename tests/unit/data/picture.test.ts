import { describe, expect, it } from 'vitest';
import { pictureSize, samplePicture } from '../../../src/core/data/picture';
import type { Dataset } from '../../../src/core/data/types';
import type { TensorData } from '../../../src/core/tensor-data';

function dataset(input: TensorData): Dataset {
  return {
    name: 'test',
    inputs: [input],
    inputNames: [null],
    sampleCount: input.shape[0]!,
    labels: null,
    classNames: null,
    isRandom: false,
  };
}
const gray = (values: readonly number[], dtype: 'FLOAT32' | 'UINT8' | 'INT8' = 'FLOAT32') => {
  const all = { FLOAT32: Float32Array, UINT8: Uint8Array, INT8: Int8Array }[dtype].from(values);
  return dataset({ dtype, shape: [values.length / 64, 8, 8, 1], values: all });
};
const fill = (first: number, rest: number) => [first, ...Array.from({ length: 63 }, () => rest)];
/** Brightness of the first two pixels. */
const bytes = (data: Dataset, index = 0) => {
  const { rgba } = samplePicture(data, index, 96)!;
  return [rgba[0], rgba[4]];
};

describe('samplePicture', () => {
  it('knows images by their shape', () => {
    expect(pictureSize([10, 28, 28, 1])).toEqual({ height: 28, width: 28, channels: 1 });
    expect(pictureSize([10, 32, 16, 3])).toEqual({ height: 32, width: 16, channels: 3 });
    expect(pictureSize([10, 28, 28])).toMatchObject({ channels: 1 });
    for (const shape of [[10, 28, 28, 2], [10, 4, 4, 3], [10, 784], []])
      expect(pictureSize(shape)).toBeNull();
  });

  it('reads bytes, signed bytes and the usual ranges of floats', () => {
    expect(bytes(gray(fill(7, 200), 'UINT8'))).toEqual([7, 200]);
    expect(bytes(gray(fill(-128, 127), 'INT8'))).toEqual([0, 255]);
    expect(bytes(gray(fill(0, 1)))).toEqual([0, 255]);
    expect(bytes(gray(fill(-1, 1)))).toEqual([0, 255]);
    expect(bytes(gray(fill(12, 240)))).toEqual([12, 240]);
    expect(bytes(gray(fill(-40, 60)))).toEqual([0, 255]);
  });

  it('takes the sample asked for, opaque, with its colours in order', () => {
    const values = new Uint8Array(2 * 64 * 3);
    values.set([10, 20, 30], 64 * 3);
    const { rgba, width, height } = samplePicture(
      dataset({ dtype: 'UINT8', shape: [2, 8, 8, 3], values }),
      1,
      96,
    )!;
    expect([width, height]).toEqual([8, 8]);
    expect([...rgba.subarray(0, 8)]).toEqual([10, 20, 30, 255, 0, 0, 0, 255]);
  });

  it('thins large pictures out and has none for samples that are not there', () => {
    const values = Uint8Array.from({ length: 64 }, (_, i) => i);
    const data = dataset({ dtype: 'UINT8', shape: [1, 8, 8], values });
    const small = samplePicture(data, 0, 4)!;
    expect([small.width, small.height, small.rgba[4]]).toEqual([4, 4, 2]);
    expect(samplePicture(data, 1, 96)).toBeNull();
    expect(samplePicture(data, -1, 96)).toBeNull();
  });
});
