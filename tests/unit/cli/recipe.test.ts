import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommandLine } from '../../../src/cli/cli';
import { writeModel } from '../../../src/core/model/write';
import { presets } from '../../../src/core/optimize/presets';
import { denseModel } from '../optimize/fixtures';

let folder = '';
const at = (name: string) => join(folder, name);

const theirs = [
  {
    ...{ regex: '.*', operation: '*', algorithm_key: 'OCTAV' },
    op_config: {
      weight_tensor_config: { num_bits: 8, granularity: 'CHANNELWISE' },
      ...{ compute_precision: 'INTEGER', min_weight_elements: 16 },
    },
  },
];
const byIndex = {
  ...{ name: 'mine', version: 1, steps: [{ pass: 'dynamic-range' }] },
  overrides: [{ match: { operator: 0 }, skip: true }],
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'whittle-recipe-'));
  writeFileSync(at('dense.tflite'), writeModel(denseModel()));
  writeFileSync(at('theirs.json'), JSON.stringify(theirs));
  writeFileSync(at('index.json'), JSON.stringify(byIndex));
  writeFileSync(at('bad.json'), JSON.stringify([{ ...theirs[0], operation: 'CONV' }]));
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

describe('whittle recipe', () => {
  test('prints a recipe as it is', async () => {
    const { status, out, err } = await whittle('recipe', 'int8');
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(JSON.parse(out)).toEqual(presets.int8);
  });

  test('prints ai-edge-quantizer entries, and what they cannot say after them', async () => {
    const { out } = await whittle('recipe', 'dynamic-range', '--format', 'aeq');
    const end = out.indexOf('\n]\n') + 3;
    expect(JSON.parse(out.slice(0, end))).toHaveLength(2);
    expect(out.slice(end).trim()).toMatch(/^note {2}Step 1 \(clean-up\) is left out/);
  });

  test('writes a recipe of either format, and tells the notes', async () => {
    const { out } = await whittle('recipe', at('theirs.json'), '--out', at('mine.json'));
    expect(out).toMatch(/written +.*mine\.json\nnote +Entry 1: OCTAV clips int4 weights only/);
    expect(JSON.parse(readFileSync(at('mine.json'), 'utf8'))).toEqual({
      ...{ name: 'theirs', version: 1 },
      steps: [{ pass: 'clean-up' }, { pass: 'dynamic-range', options: { minElements: 16, depthwise: true } }],
    });
  });

  test('takes names from a model', async () => {
    const args = ['recipe', at('index.json'), '--format', 'aeq', '--json'];
    const blind = JSON.parse((await whittle(...args)).out) as {
      readonly recipe: object[];
      readonly notes: string[];
    };
    expect(blind.notes).toEqual([expect.stringContaining('override 1')]);
    const { out } = await whittle(...args, '--model', at('dense.tflite'));
    const seen = JSON.parse(out) as { readonly recipe: object[]; readonly notes: string[] };
    expect(seen).toMatchObject({ version: 1, name: 'mine', format: 'aeq', out: null, notes: [] });
    expect(seen.recipe.at(-1)).toEqual({
      ...{ regex: '^output;$', operation: 'FULLY_CONNECTED', algorithm_key: 'no_quantize' },
    });
  });

  test('optimize takes ai-edge-quantizer recipes and adds the notes', async () => {
    const args = [
      'optimize',
      at('dense.tflite'),
      '--recipe',
      at('theirs.json'),
      '--out',
      at('o.tflite'),
      '--json',
    ];
    const { status, out } = await whittle(...args);
    expect(status).toBe(0);
    const result = JSON.parse(out) as { readonly isChanged: boolean; readonly notes: string[] };
    expect(result.isChanged).toBe(true);
    expect(result.notes).toEqual([expect.stringContaining('OCTAV')]);
  });

  test.each([
    [() => ['recipe'], 2, /Name the recipe\./],
    [() => ['recipe', 'int8', 'float16'], 2, /One recipe is enough/],
    [() => ['recipe', 'int9'], 2, /no recipe "int9"/],
    [() => ['recipe', 'int8', '--format', 'yaml'], 2, /--format is whittle or aeq, not "yaml"/],
    [() => ['recipe', at('bad.json')], 1, /Entry 1: "operation" is "CONV"/],
    [() => ['recipe', at('none.json')], 1, /cannot be read/],
    [() => ['recipe', 'prune-50', '--format', 'aeq'], 1, /prune-50 \(clean-up, prune\) quantizes nothing/],
    [
      () => ['recipe', 'int8', '--format', 'aeq', '--model', at('none.tflite')],
      1,
      /The model .* cannot be read/,
    ],
  ])('failure %#', async (args, expected, message) => {
    const { status, out, err } = await whittle(...args());
    expect({ status, out }).toEqual({ status: expected, out: '' });
    expect(err).toMatch(message);
  });
});
