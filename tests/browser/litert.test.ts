/** LiteRT in a real module worker of Chromium. `public/litert` must hold the runtime's files (`npm start` copies them). */
import { wrap, type Remote } from 'comlink';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ModelError } from '../../src/core/errors';
import { writeModel } from '../../src/core/model/write';
import type { TensorData } from '../../src/core/tensor-data';
import { registerErrors } from '../../src/rpc/errors';
import { addTwice, int8AddModel, oneOperator, reshapeModel, tinyModel } from '../unit/engines/tiny-models';
import type { LitertTestApi } from './litert.worker';

const main = { signature: null, accelerator: 'wasm' } as const;
const baseUrl = new URL('/litert/', location.href).href;
let worker: Worker;
let api: Remote<LitertTestApi>;

beforeAll(() => {
  registerErrors();
  worker = new Worker(new URL('./litert.worker.ts', import.meta.url), { type: 'module' });
  api = wrap<LitertTestApi>(worker);
});
afterAll(() => worker.terminate());

function floats(shape: readonly number[], ...values: number[]): TensorData {
  return { dtype: 'FLOAT32', shape, values: Float32Array.from(values) };
}
function int8(...values: number[]): TensorData {
  return { dtype: 'INT8', shape: [1, values.length], values: Int8Array.from(values) };
}
const pair = [floats([2, 4], 1, 2, 3, 4, 5, 6, 7, 8), floats([2, 4], 1, 1, 1, 1, 1, 1, 1, 1)];
const doubled = floats([2, 4], 4, 6, 8, 10, 12, 14, 16, 18);

async function digits(): Promise<Uint8Array> {
  const response = await fetch('/samples/digits.tflite');
  expect(response.ok).toBe(true);
  return new Uint8Array(await response.arrayBuffer());
}
function image(): TensorData {
  const values = Float32Array.from({ length: 28 * 28 }, (_, i) => (Math.sin(i * 0.37) + 1) / 2);
  return { dtype: 'FLOAT32', shape: [1, 28, 28, 1], values };
}

describe('on one thread', () => {
  beforeAll(() => api.load({ baseUrl, threads: 1 }));

  it('runs float32 with a dynamic batch, and prints nothing', async () => {
    const ran = await api.run(writeModel(addTwice()), main, pair);
    expect(ran).toEqual({ backend: 'wasm', threads: 1, outputs: [doubled], printed: [] });
  });

  it('runs int8 as it is', async () => {
    const { outputs } = await api.run(int8AddModel(), main, [int8(2, -4, 100, -128), int8(2, 2, 100, -128)]);
    expect(outputs).toEqual([int8(2, -1, 100, -128)]);
  });

  it('runs int64 and bool', async () => {
    const values = BigInt64Array.of(-1n, 2n, 3n, 4n, 5n, 2n ** 62n);
    const long = await api.run(reshapeModel('INT64'), main, [{ dtype: 'INT64', shape: [2, 3], values }]);
    expect(long.outputs[0]!.values).toEqual(values);
    const flags = Uint8Array.of(1, 0, 0, 1, 1, 0);
    const bool = await api.run(reshapeModel('BOOL'), main, [{ dtype: 'BOOL', shape: [2, 3], values: flags }]);
    expect(bool.outputs[0]!.values).toEqual(flags);
  });

  it('gives a ModelError with code and operator for a model that cannot run', async () => {
    const bytes = writeModel(oneOperator({ kind: 'CUSTOM', custom: 'FlexAdd' }));
    const failed = api.run(bytes, main, [floats([1, 4], 1, 2, 3, 4)]);
    await expect(failed).rejects.toBeInstanceOf(ModelError);
    await expect(failed).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('FlexAdd') as unknown,
    });
  });

  it('goes on after the runtime has crashed', async () => {
    const crashing = writeModel(oneOperator({ kind: 'CUSTOM', custom: 'TFLite_Detection_PostProcess' }));
    await expect(api.run(crashing, main, [floats([1, 4], 1, 2, 3, 4)])).rejects.toMatchObject({
      code: 'runtime',
    });
    const { outputs, printed } = await api.run(writeModel(addTwice()), main, pair);
    expect(outputs).toEqual([doubled]);
    expect(printed).toEqual([]);
  });

  it('says where files are missing', async () => {
    const away = new URL('/nowhere/', location.href).href;
    await expect(api.load({ baseUrl: away, threads: 1 })).rejects.toMatchObject({ code: 'runtime' });
    await api.load({ baseUrl, threads: 1 });
  });
});

describe('on several threads', () => {
  it('uses them where the page is cross-origin isolated, with the same results', async () => {
    await api.load({ baseUrl, threads: 1 });
    const single = await api.run(await digits(), main, [image()]);
    await api.load({ baseUrl, threads: 2 });
    const double = await api.run(await digits(), main, [image()]);
    const isolated = await api.isolated();
    expect(double.threads).toBe(isolated ? 2 : 1);
    expect(double.backend).toBe(isolated ? 'wasm, 2 threads' : 'wasm');
    expect(double.printed).toEqual([]);
    const [expected, actual] = [single.outputs[0]!, double.outputs[0]!];
    expect(actual.shape).toEqual(expected.shape);
    expect(Array.from(actual.values as Float32Array)).toEqual(
      Array.from(expected.values as Float32Array, (value) => expect.closeTo(value, 5) as number),
    );
  });
});

describe('on WebGPU', () => {
  const onGpu = { ...main, accelerator: 'webgpu' } as const;
  let hasAdapter = false;
  beforeAll(async () => {
    hasAdapter = 'gpu' in navigator && (await navigator.gpu.requestAdapter()) !== null;
    await api.load({ baseUrl, threads: 1 });
  });

  it('runs there when there is an adapter, with results as on the CPU', async () => {
    const cpu = await api.run(await digits(), main, [image()]);
    const gpu = await api.run(await digits(), onGpu, [image()]);
    expect(gpu.backend).toBe(hasAdapter ? 'webgpu' : 'wasm (no WebGPU here)');
    expect(Array.from(gpu.outputs[0]!.values as Float32Array)).toEqual(
      Array.from(cpu.outputs[0]!.values as Float32Array, (value) => expect.closeTo(value, 4) as number),
    );
    expect(gpu.printed).toEqual([]);
  });

  it('follows a dynamic batch there', async () => {
    const { outputs } = await api.run(writeModel(addTwice()), onGpu, pair);
    expect(outputs).toEqual([doubled]);
  });

  it('says which part of a model stays on the CPU', async () => {
    const { backend, outputs } = await api.run(throughInt64(), onGpu, [floats([1, 4], 1, 2, 3, 4)]);
    expect(backend).toBe(
      hasAdapter ? 'webgpu for 1 of 4 operators, wasm for the rest' : 'wasm (no WebGPU here)',
    );
    expect(outputs).toEqual([floats([1, 4], 4, 16, 36, 64)]);
  });

  it('runs on the CPU what the GPU cannot take at all, and says so', async () => {
    const values = BigInt64Array.of(-1n, 2n, 3n, 4n, 5n, 6n);
    const input: TensorData = { dtype: 'INT64', shape: [2, 3], values };
    const { backend, outputs } = await api.run(reshapeModel('INT64'), onGpu, [input]);
    expect(backend).toBe(hasAdapter ? 'wasm (WebGPU cannot take this model)' : 'wasm (no WebGPU here)');
    expect(outputs[0]!.values).toEqual(values);
  });
});

/** `out = (2 in)^2`, by way of a type that the GPU does not know. */
function throughInt64(): Uint8Array {
  const floatTensor = (name: string) => ({ name, shape: [1, 4] });
  return writeModel(
    tinyModel({
      tensors: [
        floatTensor('in'),
        floatTensor('twice'),
        { name: 'whole', type: 'INT64', shape: [1, 4] },
        floatTensor('back'),
        floatTensor('out'),
      ],
      operators: [
        { kind: 'ADD', inputs: [0, 0], outputs: [1] },
        { kind: 'CAST', inputs: [1], outputs: [2] },
        { kind: 'CAST', inputs: [2], outputs: [3] },
        { kind: 'MUL', inputs: [3, 3], outputs: [4] },
      ],
      inputs: [0],
      outputs: [4],
    }),
  );
}
