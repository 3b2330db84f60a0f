/** The command line as its users call it. One file, because every command is held to the same usage, failures and help. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unzipSync, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommandLine } from '../../../src/cli/cli';
import { readNpy, writeNpy } from '../../../src/core/data/npy';
import { writeModel } from '../../../src/core/model/write';
import { smallModel } from '../measure/small-model';
import { denseModel } from '../optimize/fixtures';

let folder = '';
const at = (name: string) => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'whittle-cli-'));
  writeFileSync(at('small.tflite'), smallModel());
  const values = Float32Array.of(3, 1, -1, 0, 2, 9, 1, 0, 4, 2, 1, 0);
  writeFileSync(at('inputs.npy'), writeNpy({ dtype: 'FLOAT32', shape: [4, 3], values }));
  writeFileSync(at('labels.txt'), '0\n1\n2\n1\n');
  writeFileSync(at('wide.npy'), writeNpy({ dtype: 'FLOAT32', shape: [4, 5], values: new Float32Array(20) }));
  writeFileSync(at('page.tflite'), '<!doctype html><title>Not found</title>');
  writeFileSync(at('recipe.json'), '{"name": "mine", "version": 1, "steps": [{"pass": "no-such-pass"}]}');
});
afterAll(() => rmSync(folder, { recursive: true }));

async function whittle(...args: string[]) {
  let [out, err] = ['', ''];
  const status = await runCommandLine(args, {
    out: (text) => (out += text),
    err: (text) => (err += text),
    progress: null,
  });
  return { status, out, err };
}

async function json(...args: string[]) {
  const { status, out, err } = await whittle(...args, '--json');
  expect({ status, err }).toEqual({ status: 0, err: '' });
  return JSON.parse(out) as Record<string, unknown>;
}

describe('usage', () => {
  test.each([
    [[], /Commands:/],
    [['frobnicate'], /no command "frobnicate"/],
    [['inspect'], /Name the model file/],
    [['inspect', 'a', 'b'], /"b" is one too many/],
    [['inspect', 'a', '--frob'], /--frob/],
    [['tensor', 'a'], /--tensor is missing/],
    [['diff', 'a'], /Name at least 2 model files/],
    [['diff', 'a', 'b', 'c'], /Two model files are enough; "c" is one too many/],
    [['export', 'a'], /--out is missing/],
    [['export', 'a', '--out', 'b.txt'], /ends in .npz, .npy, .csv or .bin; "b.txt" does not/],
    [['export', 'a', '--out', 'b.npy'], /--tensor is missing/],
    [['export', 'a', '--out', 'b.npz', '--values', 'odd'], /--values is stored or real, not "odd"/],
    [['lint'], /Name the model file/],
    [['lint', 'a', '--calibrate', 'b', '--samples', '0'], /--samples/],
    [['optimize', 'a', '--out', 'b'], /--recipe is missing/],
    [['optimize', 'a', '--recipe', 'nope', '--out', 'b'], /no recipe "nope"; use clean-up, float16/],
    [['run', 'a', '--out', 'b'], /--input is missing/],
    [['evaluate', 'a'], /--data is missing/],
    [['evaluate', 'a', '--data', 'b', '--scale', 'x/2'], /"x\/2" is not a scaling rule/],
    [['evaluate', 'a', '--data'], /--data/],
    [['compare', 'a', '--format', 'pdf'], /--format is text/],
    [['compare', 'a', '--samples', '-3'], /--samples/],
    [['compare'], /Name the model file/],
    [['compare', 'a', '--frob=1'], /--frob/],
    [['inspect', 'a', '--json=yes'], /--json/],
  ])('%j is wrong: status 2, nothing on stdout', async (args, message) => {
    const { status, out, err } = await whittle(...args);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(message);
  });

  const names = [
    'inspect',
    'tensor',
    'diff',
    'export',
    'lint',
    'optimize',
    'recipe',
    'debug',
    'search',
    'run',
    'evaluate',
    'compare',
  ];
  test.each(names)('%s has help', async (command) => {
    for (const args of [
      [command, '--help'],
      [command, '-h'],
      ['help', command],
    ]) {
      const { status, out, err } = await whittle(...args);
      expect({ status, err }).toEqual({ status: 0, err: '' });
      expect(out).toContain(`Usage: whittle ${command}`);
      expect(out).toContain('--json');
    }
    expect((await whittle('--help')).out).toContain(command);
  });
});

describe('failures are one sentence with status 1', () => {
  test.each([
    [() => ['inspect', at('nothing.tflite')], /cannot be read: there is no such file/],
    [() => ['inspect', folder], /it is a folder/],
    [() => ['inspect', at('page.tflite'), '--json'], /web page/],
    [() => ['tensor', at('small.tflite'), '--tensor', 'none'], /has no tensor "none".*from 0 to 1/],
    [() => ['tensor', at('small.tflite'), '--tensor', 'x', '--subgraph', '3'], /subgraph/i],
    [() => ['diff', at('small.tflite'), at('page.tflite')], /page\.tflite: This is a web page/],
    [() => ['export', at('small.tflite'), '--tensor', 'x', '--out', at('x.npy')], /no values in the file/],
    [() => ['lint', at('page.tflite')], /web page/],
    [() => ['lint', at('small.tflite'), '--calibrate', at('wide.npy')], /calibration data do not fit/],
    [() => ['evaluate', at('small.tflite'), '--data', at('nothing')], /The data .* cannot be read/],
    [() => ['evaluate', at('small.tflite'), '--data', at('wide.npy'), '--json'], /\[4, 5\].*needs \[N, 3\]/],
    [() => ['optimize', at('small.tflite'), '--recipe', at('recipe.json'), '--out', at('o')], /no-such-pass/],
    [
      () => [
        'optimize',
        at('small.tflite'),
        '--recipe',
        'clean-up',
        '--out',
        at('o'),
        '--calibrate',
        at('wide.npy'),
      ],
      /calibration data do not fit/,
    ],
    [() => ['optimize', at('small.tflite'), '--recipe', 'clean-up', '--out', folder], /cannot be written/],
    [() => ['run', at('small.tflite'), '--input', at('wide.npy'), '--out', at('o')], /\[4, 5\]/],
    [
      () => ['run', at('small.tflite'), '--input', `left=${at('inputs.npy')}`, '--out', at('o')],
      /no input "left"; it takes x\./,
    ],
    [
      () => [
        'run',
        at('small.tflite'),
        ...['--input', at('inputs.npy'), '--input', at('inputs.npy')],
        '--out',
        at('o'),
      ],
      /takes 1 input \(x\), not 2/,
    ],
    [
      () => ['run', at('small.tflite'), '--input', at('inputs.npy'), '--signature', 'no', '--out', at('o')],
      /signature/,
    ],
    [() => ['compare', at('small.tflite'), at('page.tflite')], /page\.tflite: This is a web page/],
    [
      () => ['optimize', at('small.tflite'), '--recipe', 'clean-up', '--out', at('labels.txt/o')],
      /not a folder/,
    ],
    [() => ['run', at('small.tflite'), '--input', at('labels.txt'), '--out', at('o')], /not a NumPy/],
  ])('%#', async (args, message) => {
    const { status, out, err } = await whittle(...args());
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(err).toMatch(message);
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(err).not.toMatch(/^\s+at /m);
  });
});

describe('commands on a small model in LiteRT', () => {
  test('inspect', async () => {
    expect(await json('inspect', at('small.tflite'))).toMatchObject({
      name: 'small.tflite',
      sizeBytes: smallModel().length,
      parameters: 0,
      macs: 0,
      subgraphs: [{ operators: [{ index: 0, name: 'RELU6', version: 1 }] }],
    });
    expect((await whittle('inspect', at('small.tflite'))).out).toMatch(/0 {2}RELU6 {2}version 1/);
  });

  test('inspect tells the figures of every operator', async () => {
    writeFileSync(at('dense.tflite'), writeModel(denseModel(4, 8)));
    const { subgraphs } = (await json('inspect', at('dense.tflite'))) as {
      subgraphs: { operators: object[] }[];
    };
    // 4 outputs of 8 inputs and a bias; bytes moved: 4 each for 36 constants, 8 inputs and 4 outputs.
    expect(subgraphs[0]!.operators[0]).toMatchObject({
      parameters: 36,
      macs: 32,
      macsPerByte: 32 / 192,
      weightDtype: 'float32',
    });
    expect((await json('inspect', at('small.tflite'))).subgraphs).toMatchObject([
      { operators: [{ parameters: 0, macs: 0, macsPerByte: null, sparsity: null, weightDtype: null }] },
    ]);
  });

  test('diff, tensor and export of a model and its variant', async () => {
    writeFileSync(at('dense.tflite'), writeModel(denseModel(64, 16)));
    const [before, after] = [at('dense.tflite'), at('dense-small.tflite')];
    await json('optimize', before, '--recipe', 'dynamic-range', '--out', after);

    expect(await json('diff', before, before)).toMatchObject({ entries: [], unchanged: 1 });
    const diff = await json('diff', before, after);
    expect(diff).toMatchObject({
      before: 'dense.tflite',
      after: 'dense-small.tflite',
      unchanged: 0,
      entries: [{ before: 0, after: 0, kind: 'FULLY_CONNECTED' }],
    });
    expect((diff.entries as { changes: string[] }[])[0]!.changes).toEqual(
      expect.arrayContaining(['retyped', 'bytes']),
    );
    expect((await whittle('diff', before, after)).out).toMatch(/^1 change, 0 unchanged\n\n.*T other type/s);

    const tensors = (
      (await json('inspect', after)).subgraphs as { tensors: { name: string; dtype: string }[] }[]
    )[0]!.tensors;
    const { name } = tensors.find(({ dtype }) => dtype === 'int8')!;
    const tensor = await json('tensor', after, '--tensor', name, '--original', before);
    const figures = tensor.figures as {
      count: number;
      min: number;
      max: number;
      histogram: { counts: number[] };
    };
    expect(tensor).toMatchObject({ name, dtype: 'int8', shape: [64, 16], difference: { identical: false } });
    expect(figures.count).toBe(1024);
    expect(figures.histogram.counts.reduce((sum, count) => sum + count)).toBe(1024);
    expect((tensor.difference as { sqnrDb: number }).sqnrDb).toBeGreaterThan(30);
    expect((await whittle('tensor', after, '--tensor', name)).out).toMatch(/Type +int8 64×16/);

    await json('export', after, '--tensor', name, '--values', 'real', '--out', at('real.npy'));
    const real = readNpy(readFileSync(at('real.npy')), 'real');
    expect(real).toMatchObject({ dtype: 'FLOAT32', shape: [64, 16] });
    expect(Math.fround(Math.min(...(real.values as Float32Array)))).toBeCloseTo(figures.min, 6);
    await json('export', after, '--tensor', name, '--out', at('stored.csv'));
    expect(readFileSync(at('stored.csv'), 'utf8').trim().split('\n')).toHaveLength(1 + 1024);
    expect(await json('export', after, '--out', at('all.npz'))).toMatchObject({ skipped: [] });
    const files = Object.keys(unzipSync(readFileSync(at('all.npz'))));
    expect(files.some((file) => file.endsWith('.scale.npy'))).toBe(true);
  });

  test('lint', async () => {
    expect(await json('lint', at('small.tflite'))).toEqual({
      version: 1,
      name: 'small.tflite',
      isCalibrated: false,
      advice: [],
      notes: [],
    });
    expect((await whittle('lint', at('small.tflite'))).out).toBe('small.tflite: Nothing to remark.\n');
    writeFileSync(at('dense.tflite'), writeModel(denseModel(4, 8)));
    const { out } = await whittle('lint', at('dense.tflite'));
    expect(out).toContain(
      'dense.tflite: 1 hint\n\nhint: no-softmax at subgraphs[0].operators[0]\n  The output',
    );
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });

  test('lint with samples', async () => {
    const calibrate = ['--calibrate', folder, '--samples', '4'];
    const result = await json('lint', at('small.tflite'), ...calibrate);
    expect(result).toMatchObject({ isCalibrated: true, advice: [] });
    expect(JSON.stringify(result.notes)).toContain('4 samples settled the ranges');
  });

  test('run on samples and on one input', async () => {
    const several = await json('run', at('small.tflite'), '--input', at('inputs.npy'), '--out', at('o1'));
    expect(several).toMatchObject({ samples: 4, outputs: [{ name: 'y', dtype: 'float32', shape: [4, 3] }] });
    expect([...readNpy(readFileSync(at('o1/output_0.npy')), 'o').values]).toEqual([
      3, 1, 0, 0, 2, 6, 1, 0, 4, 2, 1, 0,
    ]);
    writeFileSync(
      at('one.npy'),
      writeNpy({ dtype: 'FLOAT32', shape: [1, 3], values: Float32Array.of(7, 0, -7) }),
    );
    await json('run', at('small.tflite'), '--input', `x=${at('one.npy')}`, '--out', at('o2'));
    expect(readNpy(readFileSync(at('o2/output_0.npy')), 'o')).toEqual({
      dtype: 'FLOAT32',
      shape: [1, 3],
      values: Float32Array.of(6, 0, 0),
    });
  });

  test('evaluate', async () => {
    const result = await json('evaluate', at('small.tflite'), '--data', folder, '--rounds', '5');
    expect(result).toMatchObject({
      samples: 4,
      top1: 0.5,
      top5: 1,
      correct: 2,
      engine: 'litert',
      backend: 'wasm',
    });
    expect((result.latencyMs as { median: number }).median).toBeGreaterThan(0);
    const text = await whittle('evaluate', at('small.tflite'), '--data', at('inputs.npy'), '--rounds', '0');
    expect(text.out).toContain('no labels');
    expect(text.out).not.toContain('Latency  ');
  });

  test('optimize, with and without calibration data', async () => {
    const args = [
      'optimize',
      at('small.tflite'),
      '--recipe',
      'clean-up',
      '--out',
      at('deep/er/clean.tflite'),
    ];
    const result = await json(...args, '--calibrate', at('inputs.npy'));
    expect(result).toMatchObject({ originalSizeBytes: smallModel().length, recipe: { name: 'clean-up' } });
    expect(result.steps).toHaveLength(1);
    expect(JSON.stringify(result.notes)).toContain('no step of this recipe needed them');
    expect(readFileSync(at('deep/er/clean.tflite')).length).toBe(result.sizeBytes);
  });

  test('optimize refuses to write over its own model, by whatever path', async () => {
    symlinkSync(at('small.tflite'), at('link.tflite'));
    for (const out of [at('small.tflite'), at('./deep/../small.tflite'), at('link.tflite')]) {
      mkdirSync(at('deep'), { recursive: true });
      const found = await whittle('optimize', at('small.tflite'), '--recipe', 'clean-up', '--out', out);
      expect(found).toMatchObject({ status: 2, out: '' });
      expect(found.err).toContain('is the model itself');
    }
    expect(Buffer.compare(readFileSync(at('small.tflite')), smallModel())).toBe(0);
  });

  test('paths may hold spaces, an npz may be the data, and the data may have no labels', async () => {
    mkdirSync(at('a folder'));
    writeFileSync(at('a folder/my model.tflite'), smallModel());
    const bytes = zipSync({ 'x.npy': readFileSync(at('inputs.npy')) });
    writeFileSync(at('a folder/my data.npz'), bytes);
    const result = await json(
      ...['evaluate', at('a folder/my model.tflite'), '--data', at('a folder/my data.npz'), '--rounds', '0'],
    );
    expect(result).toMatchObject({ name: 'my model.tflite', samples: 4, top1: null, latencyMs: null });
    expect(JSON.stringify(result.notes)).toContain('no labels');
  });

  test('compare says what is noise', async () => {
    const { out } = await whittle(
      ...['compare', at('small.tflite'), at('small.tflite'), '--data', folder, '--rounds', '5'],
    );
    expect(out).toMatch(/Top-1 +50\.0 % +50\.0 % \(±0 pt\)/);
    const result = await json(
      ...['compare', at('small.tflite'), at('small.tflite'), '--data', folder, '--rounds', '0'],
    );
    expect(result.models).toMatchObject([
      { top1Change: null },
      { top1Change: { difference: 0, gained: 0, lost: 0, verdict: 'same' } },
    ]);
  });

  test('compare on random values and on data', async () => {
    const random = await json(
      'compare',
      at('small.tflite'),
      at('small.tflite'),
      '--rounds',
      '5',
      '--samples',
      '3',
    );
    expect(random).toMatchObject({ isRandom: true, samples: 3 });
    const models = random.models as Record<string, unknown>[];
    expect(models[1]).toMatchObject({
      agreement: 1,
      sqnrDb: null,
      identical: true,
      top1: null,
      failure: null,
    });
    const report = at('report.json');
    const csv = await whittle(
      'compare',
      at('small.tflite'),
      at('small.tflite'),
      '--data',
      folder,
      '--rounds',
      '0',
      '--format',
      'csv',
      '--report',
      report,
    );
    expect(csv.out).toMatch(/^name,sizeBytes,/);
    expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({
      samples: 4,
      models: [{ top1: 0.5 }, { top1: 0.5 }],
    });
    const text = await whittle('compare', at('small.tflite'), at('small.tflite'), '--rounds', '0');
    expect(text.out).toContain('random');
  });
});

describe('the process', () => {
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  const tsx = join(root, 'node_modules/tsx/dist/cli.mjs');
  const start = (command: string) => spawnSync('sh', ['-c', command], { cwd: root, encoding: 'utf8' });

  test.skipIf(process.platform !== 'linux')('a place that takes no folders ends in a sentence', async () => {
    const { status, err } = await whittle(
      ...['optimize', at('small.tflite'), '--recipe', 'clean-up', '--out', '/proc/whittle/o.tflite'],
    );
    expect(status).toBe(1);
    expect(err).toMatch(/cannot be written/);
  });

  test('hands on the exit status and survives a closed pipe', () => {
    const whittleCommand = `"${process.execPath}" "${tsx}" src/cli/main.ts`;
    expect(start(`${whittleCommand} inspect`)).toMatchObject({ status: 2, stdout: '' });
    const piped = start(
      `(${whittleCommand} inspect "${at('small.tflite')}" --json; echo "status $?" >&2) | head -c 1`,
    );
    expect(piped).toMatchObject({ stdout: '{', stderr: 'status 0\n' });
  });
});
