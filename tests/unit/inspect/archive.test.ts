import { describe, expect, it } from 'vitest';
import { readNpy } from '../../../src/core/data/npy';
import { readNpz } from '../../../src/core/data/npz';
import { archiveConstants, exportTensor } from '../../../src/core/inspect';
import { fileStem } from '../../../src/core/inspect/export';
import { finish } from '../../../src/core/steps';
import { realValues } from '../../../src/core/model/dequantize';
import { tensorValues } from '../../../src/core/model/tensors';
import type { Model } from '../../../src/core/model/types';
import { denseModel, runPass } from '../optimize/fixtures';
import { blockwiseModel } from './models';
import { at, filter, pruned, prunedShape, sampleModel } from './sample';

function archive(model: Model, values: 'stored' | 'real') {
  const parts: Uint8Array[] = [];
  const report = finish(archiveConstants(model, values, (part) => parts.push(part.slice())));
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return { report, bytes, ...readNpz(bytes, 'x.npz', () => true) };
}

describe('archiveConstants', () => {
  it('holds every constant as stored, with the scales of quantized ones', () => {
    const { arrays, report, keys } = archive(sampleModel(), 'stored');
    expect(arrays.get('net_filter')).toEqual({ dtype: 'INT8', shape: [2, 1, 1, 2], values: filter });
    expect(arrays.get('net_filter.scale')).toMatchObject({
      dtype: 'FLOAT32',
      values: Float32Array.of(0.5, 0.25),
    });
    expect(arrays.get('net_filter.zero_point')).toMatchObject({
      dtype: 'INT64',
      values: BigInt64Array.of(0n, 0n),
    });
    expect(arrays.get('net_filter_copy')?.values).toEqual(filter);
    expect(arrays.get('pruned')).toEqual({ dtype: 'FLOAT32', shape: prunedShape, values: pruned });
    expect(arrays.get('int4')).toEqual({ dtype: 'INT8', shape: [3], values: Int8Array.of(1, -8, 3) });
    expect(arrays.get('half')).toMatchObject({ dtype: 'FLOAT16', shape: [2, 8] });
    expect(report.arrays).toBe(keys.length);
    expect(report.skipped).toEqual([
      { subgraph: 0, tensor: at.text, reason: expect.stringMatching(/holds texts/) as string },
    ]);
  });

  it('holds real values where these are asked for, and keeps float16', () => {
    const { arrays, keys } = archive(sampleModel(), 'real');
    expect(arrays.get('net_filter')).toMatchObject({
      dtype: 'FLOAT32',
      values: Float32Array.of(-64, 63.5, 0, 1.25),
    });
    expect(arrays.get('int4')).toMatchObject({ values: Float32Array.of(0, -18, 4) });
    expect(arrays.get('half')?.dtype).toBe('FLOAT16');
    expect(keys.filter((key) => key.includes('scale'))).toEqual([]);
  });

  it('gives blockwise constants as real values either way', () => {
    const model = blockwiseModel();
    const index = model.subgraphs[0]!.tensors.findIndex(({ type }) => type === 'INT4');
    const name = model.subgraphs[0]!.tensors[index]!.name!;
    for (const values of ['stored', 'real'] as const) {
      expect(archive(model, values).arrays.get(name)).toEqual({
        dtype: 'FLOAT32',
        shape: [8, 64],
        values: realValues(model, 0, index),
      });
    }
  });

  it.each(['float16', 'dynamic-range', 'weight-only'])('reads back equal after %s', (pass) => {
    const { model } = runPass(pass, denseModel(16, 64), { minElements: 1 });
    const { arrays } = archive(model, 'stored');
    model.subgraphs[0]!.tensors.forEach((tensor, index) => {
      if (model.buffers[tensor.buffer]?.data == null) return;
      expect(arrays.get(tensor.name!)?.values).toEqual(tensorValues(model, 0, index));
    });
    expect(arrays.size).toBeGreaterThan(1);
  });

  it('makes names unique without regard to capitals, and keeps clear of device names', () => {
    const model = sampleModel();
    const rename: Readonly<Record<number, string>> = {
      [at.filter]: 'W/0',
      [at.bias]: 'w:0',
      [at.pruned]: 'W_0',
      [at.packed]: 'con',
      [at.half]: '../..',
    };
    const subgraphs = model.subgraphs.map((subgraph) => ({
      ...subgraph,
      tensors: subgraph.tensors.map((tensor, i) => ({ ...tensor, name: rename[i] ?? tensor.name })),
    }));
    const { keys } = archive({ ...model, subgraphs }, 'real');
    expect(keys).toEqual(['W_0', 'w_0_2', 'W_0_3', '_con', 'net_filter_copy', 'tensor_9']);
  });

  it('keeps beginning and end of long names', () => {
    const name = `model/${'block/'.repeat(25)}weights`;
    expect(fileStem(name, 0)).toBe(name.replaceAll('/', '_'));
    const long = fileStem(`first/${'block/'.repeat(50)}last`, 0);
    expect(long).toMatch(/^first_block_.*__.*_block_last$/);
    expect(long).toHaveLength(200);
  });

  it('says so where there are more arrays than a zip can hold', () => {
    const model = denseModel(1, 2, Float32Array.of(1, 2));
    const weights = model.subgraphs[0]!.tensors.find(({ name }) => name === 'weights')!;
    const many = (count: number): Model => ({
      ...model,
      subgraphs: [{ ...model.subgraphs[0]!, tensors: Array.from({ length: count }, () => weights) }],
    });
    const none = () => undefined;
    expect(finish(archiveConstants(many(30_000), 'stored', none)).arrays).toBe(30_000);
    expect(() => finish(archiveConstants(many(65_536), 'stored', none))).toThrow(/65536 arrays, more than/);
  });

  it('gives the same bytes each time', () => {
    expect(archive(sampleModel(), 'stored').bytes).toEqual(archive(sampleModel(), 'stored').bytes);
  });
});

describe('exportTensor as npy-real', () => {
  it('writes real values of quantized tensors', () => {
    const file = exportTensor(sampleModel(), 0, at.filter, 'npy-real');
    expect(file.fileName).toBe('net_filter.real.npy');
    // Beside it the integers as they are stored.
    expect(exportTensor(sampleModel(), 0, at.filter, 'npy').fileName).toBe('net_filter.npy');
    expect(readNpy(file.bytes, 'x')).toEqual({
      dtype: 'FLOAT32',
      shape: [2, 1, 1, 2],
      values: Float32Array.of(-64, 63.5, 0, 1.25),
    });
    expect(readNpy(exportTensor(sampleModel(), 0, at.half, 'npy-real').bytes, 'x').dtype).toBe('FLOAT16');
  });
});
