/** LiteRT in Node, on models made here. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeTable } from '../../../src/core/model/schema/tflite';
import type { SignatureDef, TensorType } from '../../../src/core/model/types';
import { writeModel } from '../../../src/core/model/write';
import type { TensorData, TensorValues } from '../../../src/core/tensor-data';
import type { LitertEngine } from '../../../src/engines/litert/engine';
import { loadLitertInNode } from '../../../src/engines/litert/node';
import { traceModel } from '../../../src/core/model/trace';
import {
  addTwice,
  bytesOf,
  int8AddModel,
  oneOperator,
  reshapeModel,
  tinyModel,
  whereModel,
} from './tiny-models';

const main = { signature: null, accelerator: 'wasm' } as const;
let engine: LitertEngine;

beforeAll(async () => {
  engine = await loadLitertInNode();
});
afterAll(() => engine.dispose());

function tensor(dtype: TensorType, shape: readonly number[], values: TensorValues): TensorData {
  return { dtype, shape, values };
}
function floats(shape: readonly number[], ...values: number[]): TensorData {
  return tensor('FLOAT32', shape, Float32Array.from(values));
}

/** Runs once and lets go of the interpreter. */
async function runOnce(bytes: Uint8Array, inputs: readonly TensorData[], signature: string | null = null) {
  const interpreter = await engine.createInterpreter(bytes, { ...main, signature });
  try {
    return await interpreter.run(inputs);
  } finally {
    interpreter.dispose();
  }
}

/** Picks rows; an index that is out of range fails while it runs. */
function failingInvoke(): Uint8Array {
  return writeModel(
    tinyModel({
      tensors: [
        { name: 'values', shape: [4, 2] },
        { name: 'at', type: 'INT32', shape: [2] },
        { name: 'picked', shape: [2, 2] },
      ],
      operators: [{ kind: 'GATHER', inputs: [0, 1], outputs: [2] }],
      inputs: [0, 1],
      outputs: [2],
    }),
  );
}

describe('element types', () => {
  const everyType: readonly (readonly [TensorType, TensorValues])[] = [
    ['FLOAT32', Float32Array.of(1.5, -2, 3, 0, 5, 1e30)],
    ['INT8', Int8Array.of(-128, -1, 0, 1, 2, 127)],
    ['UINT8', Uint8Array.of(0, 1, 2, 128, 254, 255)],
    ['INT16', Int16Array.of(-32768, -1, 0, 1, 2, 32767)],
    ['INT32', Int32Array.of(-2147483648, -1, 0, 1, 2, 2147483647)],
    ['INT64', BigInt64Array.of(-(2n ** 63n), -1n, 0n, 1n, 2n, 2n ** 63n - 1n)],
    ['BOOL', Uint8Array.of(0, 1, 1, 0, 0, 1)],
    ['FLOAT16', Uint16Array.of(0x3c00, 0xc000, 0x0000, 0x7bff, 0x0001, 0x8000)],
  ];
  it.each(everyType)('%s goes in and comes out', async (type, values) => {
    const [output] = await runOnce(reshapeModel(type), [tensor(type, [2, 3], values)]);
    expect(output).toEqual<TensorData>(tensor(type, [3, 2], values));
  });

  it('takes float16 as bits of half precision numbers', async () => {
    const model = tinyModel({
      tensors: [
        { name: 'half', type: 'FLOAT16', shape: [3] },
        { name: 'whole', shape: [3] },
      ],
      operators: [{ kind: 'DEQUANTIZE', version: 3, inputs: [0], outputs: [1] }],
      inputs: [0],
      outputs: [1],
    });
    const half = tensor('FLOAT16', [3], Uint16Array.of(0x3c00, 0xc000, 0x3555));
    const [output] = await runOnce(writeModel(model), [half]);
    expect(output!.values).toEqual(Float32Array.of(1, -2, 0.333251953125));
  });

  it('computes in int8 with the scales of the model', async () => {
    const interpreter = await engine.createInterpreter(int8AddModel(), main);
    expect(interpreter.inputs[0]).toEqual({
      name: 'x',
      shape: [1, 4],
      dtype: 'INT8',
      quantization: { scale: [0.5], zeroPoint: [0], axis: 0 },
    });
    const x = tensor('INT8', [1, 4], Int8Array.of(2, -4, 100, -128));
    const y = tensor('INT8', [1, 4], Int8Array.of(2, 2, 100, -128));
    const [sum] = await interpreter.run([x, y]);
    expect(sum!.values).toEqual(Int8Array.of(2, -1, 100, -128));
    interpreter.dispose();
  });
});

describe('sizes', () => {
  it('follows a dynamic batch and comes back', async () => {
    const interpreter = await engine.createInterpreter(writeModel(addTwice()), main);
    expect(interpreter.inputs.map(({ shape }) => shape)).toEqual([
      [-1, 4],
      [-1, 4],
    ]);
    for (const batch of [1, 3, 2, 1]) {
      const values = Array.from({ length: batch * 4 }, (_, i) => i);
      const [output] = await interpreter.run([floats([batch, 4], ...values), floats([batch, 4], ...values)]);
      expect(output).toEqual(floats([batch, 4], ...values.map((value) => value * 4)));
    }
    interpreter.dispose();
  });

  it('gives the sizes that the runtime finds where the file has none', async () => {
    const model = tinyModel({
      tensors: [
        { name: 'in', shape: [2, 3] },
        { name: 'out', shape: [] },
      ],
      operators: [{ kind: 'NEG', inputs: [0], outputs: [1] }],
      inputs: [0],
      outputs: [1],
    });
    const [output] = await runOnce(writeModel(model), [floats([2, 3], 1, 2, 3, 4, 5, 6)]);
    expect(output).toEqual(floats([2, 3], -1, -2, -3, -4, -5, -6));
  });

  it('fills in outputs that are inputs or constants, and one that is named twice', async () => {
    const model = tinyModel({
      tensors: [
        { name: 'in', shape: [2] },
        { name: 'fixed', shape: [2], data: bytesOf(Float32Array.of(8, 9)) },
        { name: 'out', shape: [2] },
      ],
      operators: [{ kind: 'ADD', inputs: [0, 1], outputs: [2] }],
      inputs: [0],
      outputs: [0, 1, 2, 2],
    });
    const outputs = await runOnce(writeModel(model), [floats([2], 1, 2)]);
    expect(outputs.map(({ values }) => Array.from(values as Float32Array))).toEqual([
      [1, 2],
      [8, 9],
      [9, 11],
      [9, 11],
    ]);
  });

  it('refuses to hand out an output whose size depends on values', async () => {
    const condition = tensor('BOOL', [4], Uint8Array.of(1, 0, 1, 1));
    await expect(runOnce(whereModel(), [condition])).rejects.toMatchObject({
      code: 'runtime',
      message:
        'LiteRT cannot run this model. The shape of its output 0 (indexes) depends on the values fed, which LiteRT cannot hand out.',
    });
  });
});

describe('signatures', () => {
  const map = (name: string, tensorIndex: number) => makeTable('TensorMap', { name, tensorIndex });
  const signatures: SignatureDef[] = [
    { key: 'sum', output: map('added', 2) },
    { key: 'twice', output: map('doubled', 3) },
  ].map(({ key, output }) => ({
    ...makeTable('SignatureDef', { signatureKey: key }),
    inputs: [map('second', 1), map('first', 0)],
    outputs: [output],
  }));
  const bytes = writeModel(addTwice(signatures));

  it('runs the one that is named, under its names and in its order', async () => {
    const interpreter = await engine.createInterpreter(bytes, { ...main, signature: 'sum' });
    expect(interpreter.inputs.map(({ name }) => name)).toEqual(['second', 'first']);
    expect(interpreter.outputs.map(({ name }) => name)).toEqual(['added']);
    const [output] = await interpreter.run([floats([1, 4], 1, 2, 3, 4), floats([1, 4], 10, 20, 30, 40)]);
    expect(output).toEqual(floats([1, 4], 11, 22, 33, 44));
    interpreter.dispose();
  });

  it('takes the first one, in the order of the graph, when none is named', async () => {
    const interpreter = await engine.createInterpreter(bytes, main);
    expect(interpreter.inputs.map(({ name }) => name)).toEqual(['x', 'y']);
    expect(interpreter.outputs.map(({ name }) => name)).toEqual(['sum']);
    interpreter.dispose();
  });

  it('says which there are when the name is wrong', async () => {
    const wrong = engine.createInterpreter(bytes, { ...main, signature: 'serve' });
    await expect(wrong).rejects.toMatchObject({
      code: 'unsupported',
      message: 'The model has no signature serve. It has sum, twice.',
    });
  });
});

describe('a traced model', () => {
  it('hands out intermediate values beside the same result', async () => {
    const { model } = traceModel(addTwice(), [2]);
    const outputs = await runOnce(writeModel(model), [
      floats([2, 4], 1, 2, 3, 4, 5, 6, 7, 8),
      floats([2, 4], 1, 1, 1, 1, 1, 1, 1, 1),
    ]);
    expect(outputs).toEqual([
      floats([2, 4], 4, 6, 8, 10, 12, 14, 16, 18),
      floats([2, 4], 2, 3, 4, 5, 6, 7, 8, 9),
    ]);
  });
});

describe('wrong data', () => {
  const one = floats([1, 4], 1, 2, 3, 4);

  it.each<[string, readonly TensorData[], string]>([
    ['a missing input', [one], 'The model has 2 inputs, but data for 1 was given.'],
    [
      'another type',
      [one, tensor('INT32', [1, 4], new Int32Array(4))],
      'Input y is FLOAT32, but the data is INT32.',
    ],
    [
      'another shape',
      [one, floats([1, 3], 1, 2, 3)],
      'Input y has shape [-1, 4], but the data has shape [1, 3].',
    ],
    ['no samples', [one, floats([0, 4])], 'Input y has shape [-1, 4], but the data has shape [0, 4].'],
    [
      'too few values',
      [one, floats([1, 4], 1, 2)],
      'Input y needs 4 values for shape [1, 4], but there are 2.',
    ],
  ])('%s', async (_, inputs, message) => {
    await expect(runOnce(writeModel(addTwice()), inputs)).rejects.toMatchObject({
      code: 'bad-data',
      message,
    });
  });
});

describe('failure', () => {
  it('names the operator and the reason when the runtime only prints an error', async () => {
    const at = tensor('INT32', [2], Int32Array.of(0, 99));
    await expect(
      runOnce(failingInvoke(), [floats([4, 2], 1, 2, 3, 4, 5, 6, 7, 8), at]),
    ).rejects.toMatchObject({
      code: 'runtime',
      message: expect.stringMatching(/Operator 0 \(GATHER\) failed\. LiteRT says: .+/) as unknown,
    });
  });

  it('goes on working after a failed run of the same interpreter', async () => {
    const interpreter = await engine.createInterpreter(failingInvoke(), main);
    const values = floats([4, 2], 1, 2, 3, 4, 5, 6, 7, 8);
    await expect(interpreter.run([values, tensor('INT32', [2], Int32Array.of(0, 99))])).rejects.toThrow();
    const [output] = await interpreter.run([values, tensor('INT32', [2], Int32Array.of(3, 0))]);
    expect(output).toEqual(floats([2, 2], 7, 8, 1, 2));
    interpreter.dispose();
  });

  it('keeps other models running, and new ones, after the runtime has crashed', async () => {
    const sound = await engine.createInterpreter(writeModel(addTwice()), main);
    const inputs = [floats([1, 4], 1, 2, 3, 4), floats([1, 4], 1, 1, 1, 1)];
    const before = await sound.run(inputs);
    // Its kernel reads options that are not there.
    const crashing = writeModel(oneOperator({ kind: 'CUSTOM', custom: 'TFLite_Detection_PostProcess' }));
    await expect(engine.createInterpreter(crashing, main)).rejects.toMatchObject({
      code: 'runtime',
      message: expect.stringContaining('The runtime stopped in the middle.') as unknown,
    });
    expect(await sound.run(inputs)).toEqual(before);
    sound.dispose();
    expect(await runOnce(writeModel(addTwice()), inputs)).toEqual(before);
  });

  it('refuses operators without a kernel by name, before running', async () => {
    const bytes = writeModel(oneOperator({ kind: 'CUSTOM', custom: 'FlexAdd' }));
    await expect(engine.createInterpreter(bytes, main)).rejects.toMatchObject({
      code: 'unsupported',
      message: "LiteRT in the browser cannot run this model: FlexAdd needs TensorFlow's own kernels (Flex).",
    });
  });

  it('runs on the CPU where there is no WebGPU, and says so', async () => {
    const interpreter = await engine.createInterpreter(int8AddModel(), { ...main, accelerator: 'webgpu' });
    expect(interpreter.backend).toBe('wasm (no WebGPU here)');
    interpreter.dispose();
  });
});

describe('resources', () => {
  it('prints nothing', async () => {
    const spies = (['log', 'info', 'warn', 'error', 'debug'] as const).map((name) =>
      vi.spyOn(console, name).mockImplementation(() => undefined),
    );
    const quiet = await loadLitertInNode();
    const interpreter = await quiet.createInterpreter(int8AddModel(), main);
    await interpreter.run(interpreter.inputs.map(() => tensor('INT8', [1, 4], new Int8Array(4))));
    interpreter.dispose();
    quiet.dispose();
    for (const spy of spies) {
      expect(spy).not.toHaveBeenCalled();
      spy.mockRestore();
    }
  });

  it('does not grow over 200 models', async () => {
    const bytes = writeModel(addTwice());
    const inputs = [
      floats([2, 4], ...new Array<number>(8).fill(1)),
      floats([2, 4], ...new Array<number>(8).fill(2)),
    ];
    const cycle = () => runOnce(bytes, inputs);
    for (let i = 0; i < 20; i++) await cycle();
    const before = engine.heapBytes;
    for (let i = 0; i < 200; i++) await cycle();
    expect(engine.heapBytes - before).toBeLessThanOrEqual(1 << 20);
  });

  it('runs what is asked for at once one after the other', async () => {
    const interpreter = await engine.createInterpreter(writeModel(addTwice()), main);
    const batches = [1, 3, 1, 2];
    const results = await Promise.all(
      batches.map((batch) => {
        const ones = floats([batch, 4], ...new Array<number>(batch * 4).fill(1));
        return interpreter.run([ones, ones]);
      }),
    );
    expect(results.map(([output]) => output!.shape)).toEqual(batches.map((batch) => [batch, 4]));
    interpreter.dispose();
    await expect(interpreter.run([])).rejects.toThrow('disposed');
  });
});
