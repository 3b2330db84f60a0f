/** `whittle debug` on a small model in LiteRT. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommandLine } from '../../../src/cli/cli';
import { writeNpy } from '../../../src/core/data/npy';
import { openModel } from '../../../src/core/model/open';
import { writeModel } from '../../../src/core/model/write';
import { buildModel, fullyConnected, randomValues } from '../optimize/fixtures';

let folder = '';
const at = (name: string) => join(folder, name);
const size = 16;

/** Two dense layers and a SOFTMAX. One weight of the second layer is far larger than the others and meets zeros. */
function classifier(seed = 1) {
  const [first, second] = [randomValues(size * size, seed), randomValues(size * size, seed + 1)];
  first.fill(0, 0, size);
  second[3 * size] = 60;
  return buildModel({
    tensors: {
      input: { shape: [1, size] },
      w0: { shape: [size, size], data: first },
      w1: { shape: [size, size], data: second },
      hidden: { shape: [1, size] },
      logits: { shape: [1, size] },
      scores: { shape: [1, size] },
    },
    operators: [
      fullyConnected(['input', 'w0', '-'], 'hidden'),
      fullyConnected(['hidden', 'w1', '-'], 'logits'),
      {
        kind: 'SOFTMAX',
        inputs: ['logits'],
        outputs: ['scores'],
        builtinOptions: { type: 'SoftmaxOptions', value: { beta: 1 } },
      },
    ],
    inputs: ['input'],
    outputs: ['scores'],
  });
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'whittle-debug-'));
  writeFileSync(at('model.tflite'), writeModel(classifier()));
  const values = randomValues(12 * size, 9);
  writeFileSync(at('inputs.npy'), writeNpy({ dtype: 'FLOAT32', shape: [12, size], values }));
  const steps = [{ pass: 'integer', options: { granularity: 'tensor' } }];
  writeFileSync(at('coarse.json'), JSON.stringify({ name: 'coarse', version: 1, steps }));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function whittle(...args: string[]) {
  let [out, err] = ['', ''];
  const status = await runCommandLine(['debug', ...args], {
    out: (text) => (out += text),
    err: (text) => (err += text),
    progress: null,
  });
  return { status, out, err };
}

interface Output {
  readonly name: string;
  readonly sqnrDb: number;
}

interface DebugJson {
  readonly outputs: readonly Output[];
  readonly sizeBytes: number;
  readonly operators: readonly { operator: number; local: { sqnrDb: number } | null; share: number }[];
  readonly advice: readonly { operator: number; remedies: string[] }[];
  readonly leftFloat: {
    readonly operators: number[];
    readonly sizeBytes: number;
    readonly outputs: readonly Output[];
    readonly recipe: { readonly overrides: unknown[] };
  } | null;
  readonly nodeData: readonly string[];
  readonly samples: number;
  readonly notes: readonly string[];
}

async function json(...args: string[]): Promise<DebugJson> {
  const { status, out, err } = await whittle(...args, '--json');
  expect({ status, err }).toEqual({ status: 0, err: '' });
  return JSON.parse(out) as DebugJson;
}

const byRecipe = () => [
  at('model.tflite'),
  ...['--recipe', at('coarse.json'), '--calibrate', at('inputs.npy'), '--samples', '8'],
];

describe('usage', () => {
  test.each([
    [[], /Name the model file/],
    [['a', '--calibrate', 'b'], /either --recipe, .* or --variant/],
    [['a', '--calibrate', 'b', '--recipe', 'int8', '--variant', 'c'], /either --recipe/],
    [['a', '--calibrate', 'b', '--recipe', 'nope'], /no recipe "nope"/],
    [['a', '--calibrate', 'b', '--variant', 'c', '--leave-float', '1'], /needs --recipe/],
    [['a', '--calibrate', 'b', '--recipe', 'int8', '--out', 'c'], /--out needs --leave-float/],
    [
      ['a', '--calibrate', 'b', '--recipe', 'int8', '--sort', 'size'],
      /--sort is depth, local, accumulated, share/,
    ],
    [['a', '--calibrate', 'b', '--recipe', 'int8', '--top', '0'], /--top needs a whole number from 1/],
    [
      ['a', '--calibrate', 'b', '--recipe', 'int8', '--leave-float', 'x'],
      /--leave-float needs a whole number/,
    ],
    [['a', '--recipe', 'int8'], /--calibrate is missing/],
  ])('%j is wrong: status 2, nothing on stdout', async (args, message) => {
    const { status, out, err } = await whittle(...args);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(message);
  });

  test('has help', async () => {
    const { status, out } = await whittle('--help');
    expect(status).toBe(0);
    expect(out).toContain('Usage: whittle debug MODEL (--recipe NAME|FILE | --variant FILE)');
  });

  test('a recipe that cannot leave operators float is refused, and so is the model itself as --out', async () => {
    const calibrate = ['--calibrate', at('inputs.npy')];
    const refused = await whittle(
      ...[at('model.tflite'), '--recipe', 'clean-up', ...calibrate, '--leave-float', '1'],
    );
    expect(refused).toMatchObject({ status: 1, out: '' });
    expect(refused.err).toContain('"clean-up" can leave single operators float');
    const over = await whittle(...byRecipe(), '--leave-float', '1', '--out', at('model.tflite'));
    expect(over).toMatchObject({ status: 2, out: '' });
    expect(over.err).toContain('is the model itself');
  });
});

describe('with a recipe', () => {
  test('prints a table, the figures of the model, and advice', async () => {
    const { status, out } = await whittle(...byRecipe());
    expect(status).toBe(0);
    const lines = out.split('\n');
    expect(lines[0]).toMatch(/^Operator +Kind +Name +Type +Local SQNR +Accumulated SQNR .* Saturated$/);
    expect(lines[2]).toMatch(/^ +1 {2}FULLY_CONNECTED {2}logits +int8 +\d+\.\d dB +\d+\.\d dB/);
    expect(out).toMatch(/\noutput SQNR +\d+\.\d dB \(scores\)\n/);
    expect(out).toMatch(/\nsamples +8\n/);
    expect(out).toMatch(/\nFULLY_CONNECTED 1: Rounding of weights is coarse\n {2}Its local SQNR/);
    expect(out).toMatch(/\n {2}> May help: one scale per channel, .*leave it float\./);
  });

  test('sorts and shortens the table', async () => {
    const { out } = await whittle(...byRecipe(), '--sort', 'local', '--top', '1');
    expect(out.split('\n')[1]).toMatch(/^ +1 {2}FULLY_CONNECTED {2}logits/);
    expect(out.split('\n')[2]).toBe('2 other operators not shown.');
  });

  test('leaves the worst float, writes that model, and its outputs are closer', async () => {
    const out = at('deep/left.tflite');
    const result = await json(...byRecipe(), '--leave-float', '1', '--out', out);
    expect(result.samples).toBe(8);
    expect(result.operators.map(({ operator }) => operator)).toEqual([0, 1, 2]);
    expect(result.advice[0]).toMatchObject({ operator: 1 });
    const left = result.leftFloat!;
    expect(left.operators).toEqual([1]);
    expect(left.recipe.overrides).toEqual([
      { match: { operator: 1, subgraph: 0 }, pass: 'integer', skip: true },
    ]);
    expect(left.outputs[0]!.sqnrDb).toBeGreaterThan(result.outputs[0]!.sqnrDb + 5);
    const bytes = new Uint8Array(readFileSync(out));
    expect(bytes.length).toBe(left.sizeBytes);
    expect(left.sizeBytes).toBeGreaterThan(result.sizeBytes);
    const { tensors } = openModel(bytes).model.subgraphs[0]!;
    expect(tensors.find(({ name }) => name === 'w1')!.type).toBe('FLOAT32');
    const text = await whittle(...byRecipe(), '--leave-float', '1');
    expect(text.out).toMatch(/\nleft float +1\noutput SQNR +\d+\.\d dB to \d+\.\d dB \(scores\)\nsize +\d/);
  });

  test('writes node data, one file for each metric', async () => {
    const { nodeData, operators } = await json(...byRecipe(), '--node-data', at('nodes/debug.json'));
    expect(nodeData).toContain(at('nodes/debug.localSqnrDb.json'));
    for (const path of nodeData) expect(existsSync(path)).toBe(true);
    const local = JSON.parse(readFileSync(at('nodes/debug.localSqnrDb.json'), 'utf8')) as object;
    expect(local).toMatchObject({
      name: 'model.tflite: Local SQNR (dB)',
      results: { logits: { value: operators[1]!.local!.sqnrDb } },
    });
  });
});

describe('with a variant from a file', () => {
  test('finds its operators by their names and gives the same figures as the recipe that made it', async () => {
    const made = await runCommandLine(
      [
        ...['optimize', at('model.tflite'), '--recipe', at('coarse.json'), '--out', at('variant.tflite')],
        ...['--calibrate', at('inputs.npy'), '--samples', '8'],
      ],
      { out: () => undefined, err: () => undefined, progress: null },
    );
    expect(made).toBe(0);
    const read = await json(
      ...[at('model.tflite'), '--variant', at('variant.tflite'), '--calibrate', at('inputs.npy')],
      ...['--samples', '8'],
    );
    const { operators, outputs } = await json(...byRecipe());
    expect(read).toMatchObject({
      operators,
      outputs,
      recipe: null,
      variant: 'variant.tflite',
      leftFloat: null,
    });
  });

  test('says when it was made from another model', async () => {
    writeFileSync(at('other.tflite'), writeModel(classifier(50)));
    const { notes } = await json(
      ...[at('model.tflite'), '--variant', at('other.tflite'), '--calibrate', at('inputs.npy')],
    );
    // The large weight of the second layer is the same in both.
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain(
      'weights of 1 of 2 layers are not those of the original (first FULLY_CONNECTED 0)',
    );
  });
});
