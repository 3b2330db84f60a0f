import { describe, expect, it } from 'vitest';
import { ModelError } from '../../../src/core/errors';
import { operatorName } from '../../../src/core/model/operators';
import type { Model } from '../../../src/core/model/types';
import { recipeFromAeq } from '../../../src/core/optimize/aeq/from-aeq';
import { recipeToAeq } from '../../../src/core/optimize/aeq/to-aeq';
import { planRecipe, runRecipe } from '../../../src/core/optimize/pipeline';
import { type PresetName, presets } from '../../../src/core/optimize/presets';
import { parseRecipe } from '../../../src/core/optimize/recipe';
import { readRecipeText } from '../../../src/core/optimize/recipe-text';
import type { Recipe } from '../../../src/core/optimize/types';
import { buildModel, fullyConnected, randomValues } from './fixtures';

interface Config {
  readonly bits?: number;
  readonly activations?: number;
  readonly granularity?: string;
  readonly least?: number;
  readonly algorithm?: string;
  readonly isWeightOnly?: boolean;
}

function entry(
  regex: string,
  operation: string,
  { bits = 8, activations, granularity = 'CHANNELWISE', least = 0, algorithm, isWeightOnly = false }: Config,
): object {
  const tensor = (count: number, isSymmetric: boolean, by: string) => ({
    ...{ num_bits: count, symmetric: isSymmetric, granularity: by },
    dtype: algorithm === 'float_casting' ? 'FLOAT' : 'INT',
  });
  return {
    regex,
    operation,
    algorithm_key: algorithm ?? 'min_max_uniform_quantize',
    op_config: {
      ...(activations === undefined
        ? {}
        : { activation_tensor_config: tensor(activations, activations === 16, 'TENSORWISE') }),
      weight_tensor_config: tensor(bits, true, granularity),
      compute_precision: isWeightOnly ? 'FLOAT' : 'INTEGER',
      explicit_dequantize: isWeightOnly,
      skip_checks: false,
      min_weight_elements: least,
    },
  };
}

const leave = (regex: string, operation: string) => ({ regex, operation, algorithm_key: 'no_quantize' });
const integers: Config = { activations: 8 };

/** x [1, 32] -> first (FULLY_CONNECTED) -> middle (TANH) -> second (FULLY_CONNECTED) -> y, and table (EMBEDDING_LOOKUP). */
function network(): Model {
  const weights = (seed: number) => ({ shape: [32, 32], data: randomValues(32 * 32, seed) });
  return buildModel({
    tensors: {
      x: { shape: [1, 32] },
      ids: { shape: [1], type: 'INT32' },
      ...{ a: weights(1), b: weights(2), t: weights(3) },
      first: { shape: [1, 32] },
      middle: { shape: [1, 32] },
      second: { shape: [1, 32] },
      table: { shape: [1, 32] },
    },
    operators: [
      fullyConnected(['x', 'a', '-'], 'first'),
      { kind: 'TANH', inputs: ['first'], outputs: ['middle'] },
      fullyConnected(['middle', 'b', '-'], 'second'),
      { kind: 'EMBEDDING_LOOKUP', inputs: ['ids', 't'], outputs: ['table'] },
    ],
    inputs: ['x', 'ids'],
    outputs: ['second', 'table'],
  });
}

/** What became of each operator: `kind name: activations/weights`, weights behind DEQUANTIZE with a star. */
async function outcome(entries: unknown): Promise<Record<string, string>> {
  const { recipe } = recipeFromAeq(entries, 'test');
  expect(parseRecipe(JSON.parse(JSON.stringify(recipe)))).toEqual(recipe);
  return describeModel((await runRecipe(network(), recipe, { seed: 1 }, true)).model);
}

function describeModel(model: Model): Record<string, string> {
  const { operators, tensors } = model.subgraphs[0]!;
  const found: Record<string, string> = {};
  for (const operator of operators) {
    const kind = operatorName(model, operator);
    if (kind === 'QUANTIZE' || kind === 'DEQUANTIZE') continue;
    const output = tensors[operator.outputs[0]!]!;
    const name = output.name!.replace(/_int(8|16)$/, '');
    const type = tensors[operator.inputs[1] ?? -1];
    const decoder = operators.find(({ outputs }) => outputs[0] === operator.inputs[1]);
    const stored = decoder ? `${tensors[decoder.inputs[0]!]!.type}*` : (type?.type ?? '');
    found[name] = `${output.type}${stored === '' ? '' : `/${stored}`}`;
  }
  return found;
}

const floats = {
  first: 'FLOAT32/FLOAT32',
  middle: 'FLOAT32',
  second: 'FLOAT32/FLOAT32',
  table: 'FLOAT32/FLOAT32',
};

describe('recipes of ai-edge-quantizer', () => {
  it('quantizes everything with integers, and the ends with it', async () => {
    const entries = [entry('.*', '*', integers)];
    const { recipe, notes } = recipeFromAeq(entries, 'static');
    expect(recipe).toEqual({
      name: 'static',
      version: 1,
      steps: [{ pass: 'clean-up' }, { pass: 'integer', options: { inputs: 'int8', outputs: 'int8' } }],
    });
    expect(notes).toEqual([expect.stringContaining('inputs become int8 and its outputs int8')]);
    expect(await outcome(entries)).toMatchObject({ first: 'INT8/INT8', middle: 'INT8', second: 'INT8/INT8' });
  });

  it('keeps the ends float where INPUT and OUTPUT say so', () => {
    const entries = [entry('.*', '*', integers), leave('.*', 'INPUT'), leave('.*', 'OUTPUT')];
    const { recipe, notes } = recipeFromAeq(entries, 'static');
    expect(recipe.steps[1]).toEqual({ pass: 'integer' });
    expect(notes).toEqual([]);
    const wide = entry('.*', 'OUTPUT', { activations: 16 });
    expect(recipeFromAeq([entries[0], wide], 'static').recipe.steps[1]!.options).toEqual({
      ...{ inputs: 'int8', outputs: 'int16' },
    });
  });

  it('takes the last entry that fits, and leaves what none speaks of', async () => {
    expect(await outcome([entry('^first', '*', {})])).toEqual({ ...floats, first: 'FLOAT32/INT8' });
    expect(await outcome([entry('.*', 'FULLY_CONNECTED', {}), leave('second', '*')])).toEqual({
      ...floats,
      first: 'FLOAT32/INT8',
    });
    expect(await outcome([entry('.*', '*', {}), entry('first', '*', { bits: 4 })])).toEqual({
      ...floats,
      ...{ first: 'FLOAT32/INT4', second: 'FLOAT32/INT8', table: 'FLOAT32/INT8' },
    });
    expect(await outcome([leave('.*', '*')])).toEqual(floats);
  });

  it('replaces entries of an expression by a later one of * for it', async () => {
    const entries = [
      entry('.*', 'FULLY_CONNECTED', { bits: 4 }),
      entry('.*', '*', { isWeightOnly: true }),
      entry('.*', 'EMBEDDING_LOOKUP', { bits: 4, isWeightOnly: true }),
    ];
    expect(await outcome(entries)).toEqual({
      ...floats,
      ...{ first: 'FLOAT32/INT8*', second: 'FLOAT32/INT8*', table: 'FLOAT32/INT4*' },
    });
  });

  it('keeps the place of an expression that comes again', async () => {
    const entries = [
      leave('first', '*'),
      entry('.*', '*', {}),
      entry('first', 'FULLY_CONNECTED', { bits: 4 }),
    ];
    expect(await outcome(entries)).toMatchObject({ first: 'FLOAT32/INT8', second: 'FLOAT32/INT8' });
  });

  it('gives each operator one scheme of several: the steps leave what another took', async () => {
    const entries = [
      entry('.*', '*', { isWeightOnly: true }),
      entry('second', '*', integers),
      entry('first', '*', { bits: 4 }),
      entry('.*', 'EMBEDDING_LOOKUP', { bits: 16, algorithm: 'float_casting', isWeightOnly: true }),
    ];
    const { recipe } = recipeFromAeq(entries, 'several');
    const order = ['clean-up', 'integer', 'dynamic-range', 'weight-only', 'float16'];
    expect(recipe.steps.map(({ pass }) => pass)).toEqual(order);
    expect(await outcome(entries)).toEqual({
      ...{ first: 'FLOAT32/INT4', middle: 'FLOAT32', second: 'INT8/INT8', table: 'FLOAT32/FLOAT16*' },
    });
    const reports = await planRecipe(network(), recipe, { seed: 1 });
    const changed = reports.map(
      ({ entries: all }) => all.filter(({ action, detail }) => action === 'changed' && detail !== '').length,
    );
    expect(changed.slice(2)).toEqual([1, 0, 1]);
  });

  it('leaves kinds to earlier entries where ai-edge-quantizer takes no such configuration', async () => {
    // Nothing but weights can be of dynamic range: TANH and the outputs keep their integers.
    const entries = [entry('.*', '*', integers), entry('first|middle', '*', { bits: 4 })];
    expect(await outcome(entries)).toMatchObject({
      first: 'FLOAT32/INT4',
      middle: 'INT8',
      second: 'INT8/INT8',
    });
    // int4 beside integer activations is for convolutions and fully-connected operators.
    const { recipe } = recipeFromAeq([entry('.*', '*', { bits: 4, activations: 8 })], 'int4');
    const kinds = recipe.overrides!.map(({ match, skip }) => [match.kind, skip]);
    expect(kinds).toEqual([
      ['DEPTHWISE_CONV_2D', true],
      ['TRANSPOSE_CONV', true],
      ['BATCH_MATMUL', true],
    ]);
    const none = recipeFromAeq([entry('.*', '*', { granularity: 'BLOCKWISE_32' })], 'none');
    expect(none.recipe.steps).toEqual([{ pass: 'clean-up' }]);
    expect(none.notes[0]).toMatch(/Entry 1 has no effect: .* dynamic 8-bit BLOCKWISE_32/);
  });

  it('lets int8 have the kinds that have no int16 form', () => {
    const entries = [entry('.*', '*', { activations: 16 }), entry('.*', 'HARD_SWISH', integers)];
    const { recipe } = recipeFromAeq([...entries, leave('out', '*')], 'wide');
    expect(recipe.overrides).toEqual([
      { match: { name: 'out' }, pass: 'integer', skip: true },
      { match: { kind: 'HARD_SWISH' }, pass: 'integer', skip: false, options: { activations: 'int8' } },
      { match: { name: 'out', kind: 'HARD_SWISH' }, pass: 'integer', skip: true },
    ]);
  });

  it('reads the floor of elements, blocks and granularity', () => {
    const [, step] = recipeFromAeq(
      [entry('.*', '*', { bits: 4, granularity: 'BLOCKWISE_64', least: 1024 })],
      'b',
    ).recipe.steps;
    expect(step).toEqual({
      pass: 'dynamic-range',
      options: { weights: 'int4', blockSize: '64', minElements: 1024 },
    });
    const old = entry('.*', '*', { granularity: 'TENSORWISE' });
    expect(recipeFromAeq([old], 'tensor').recipe.steps[1]!.options).toMatchObject({ granularity: 'tensor' });
  });

  it('renames operations', () => {
    const { recipe } = recipeFromAeq([entry('.*', '*', {}), leave('.*', 'CONV_2D_TRANSPOSE')], 'renamed');
    expect(recipe.overrides).toEqual([
      { match: { kind: 'TRANSPOSE_CONV' }, pass: 'dynamic-range', skip: true },
    ]);
  });

  it.each([
    ['GPTQ', integers, { rounding: 'gptq' }, null],
    ['OCTAV', { bits: 4 }, { clip: 'octav' }, null],
    ['MSE', integers, { clip: 'mse' }, null],
    ['GPTQ', { bits: 4 }, {}, /to the nearest, not by GPTQ/],
    ['OSCAR', { bits: 4 }, { clip: 'mse' }, /OSCAR does not exist here/],
    ['DECOMPOSED_HADAMARD_ROTATION', { bits: 4 }, { clip: 'octav' }, /not rotated here/],
    ['dequantized_weight_recovery', integers, { clip: 'mse' }, /old grid back/],
  ] as const)('reads %s with %j', (algorithm, config, options, note) => {
    const { recipe, notes } = recipeFromAeq([entry('.*', 'FULLY_CONNECTED', { ...config, algorithm })], 'a');
    expect(recipe.steps[1]!.options).toMatchObject(options);
    if (note === null) expect(notes).toEqual([]);
    else expect(notes.join(' ')).toMatch(note);
  });

  it.each([
    ['(?i)FIRST', 'first'],
    ['^first;$', 'first'],
    ['(?P<stem>sec|fir)(st|ond);', 'first second'],
    [String.raw`\Asec`, 'second'],
    ['(?#names)fir', 'first'],
    ['[f]irs{,1}t', 'first'],
  ])('converts the expression %s', async (regex, expected) => {
    const result = await outcome([entry(regex, '*', {})]);
    const taken = Object.keys(result).filter((name) => result[name] === 'FLOAT32/INT8');
    expect(taken.join(' ')).toBe(expected);
  });

  it('says where an expression never matches there', () => {
    const { notes } = recipeFromAeq([entry('first$', '*', {})], 'end');
    expect(notes).toEqual([
      expect.stringMatching(/^Entry 1: "first\$" matches nothing in ai-edge-quantizer/),
    ]);
  });
});

describe('what is no recipe of ai-edge-quantizer', () => {
  const good = entry('.*', '*', integers) as { readonly op_config: Record<string, unknown> };
  const withConfig = (changes: object) => ({ ...good, op_config: { ...good.op_config, ...changes } });
  it.each([
    [[], /a list with at least one entry/],
    [['x'], /Entry 1 must be an object with regex, operation/],
    [[good, { ...good, regex: 3 }], /Entry 2: "regex" must be a text/],
    [[{ ...good, regex: '(?x)a' }], /Entry 1: "regex" is "\(\?x\)a".*flag x/],
    [[{ ...good, regex: '(a' }], /Entry 1: "regex".*no valid regular expression/],
    [[{ ...good, regex: '(?>a)' }], /atomic groups/],
    [[{ ...good, operation: 'CONV2D' }], /Entry 1: "operation" is "CONV2D".*Did you mean CONV_2D\?/],
    [[{ ...good, algorithm_key: 'MMSE' }], /Entry 1: "algorithm_key" is "MMSE".*Did you mean MSE\?/],
    [[{ ...good, op_config: undefined }], /Entry 1: "op_config" is missing/],
    [[{ ...good, extra: 1 }], /Entry 1 has an unknown field "extra"/],
    [[withConfig({ weight_tensor_config: undefined })], /"weight_tensor_config" is missing/],
    [
      [withConfig({ compute_precision: 'INT' })],
      /"compute_precision" is "INT", but must be INTEGER or FLOAT/,
    ],
    [
      [withConfig({ compute_precision: 'FLOAT' })],
      /must be INTEGER where there is an "activation_tensor_config"/,
    ],
    [[withConfig({ min_weight_elements: -1 })], /"min_weight_elements" is -1, but must be a whole number/],
    [[withConfig({ weight_tensor_config: { num_bits: 5 } })], /"num_bits" is 5, but must be 8, 4 or 2/],
    [[withConfig({ skip_checks: 1 })], /"skip_checks" is 1, but must be true or false/],
    [
      [{ ...good, algorithm_key: 'float_casting' }],
      /"weight_tensor_config": "num_bits" is 8, but must be 16/,
    ],
  ])('%#', (json, message) => {
    expect(() => recipeFromAeq(json, 'bad')).toThrow(ModelError);
    expect(() => recipeFromAeq(json, 'bad')).toThrow(message);
    expect(() => recipeFromAeq(json, 'bad')).toThrow(
      expect.objectContaining({ code: 'bad-recipe' }) as Error,
    );
  });
});

describe('recipes written for ai-edge-quantizer', () => {
  const back = (recipe: Recipe) => recipeFromAeq(recipeToAeq(recipe).entries, recipe.name).recipe;

  it.each(['dynamic-range', 'dynamic-int4', 'weight-only'] as const)('%s comes back as it was', (name) => {
    expect(back(presets[name])).toEqual({ ...presets[name], description: undefined });
  });

  it('float16 comes back but for BATCH_MATMUL, which float_casting leaves', () => {
    expect(back(presets.float16)).toEqual({
      ...{ name: 'float16', version: 1, steps: presets.float16.steps },
      overrides: [{ match: { kind: 'BATCH_MATMUL' }, pass: 'float16', skip: true }],
    });
  });

  it.each([
    ['int8', undefined],
    ['int8-io', { inputs: 'int8', outputs: 'int8' }],
    ['int16x8', { activations: 'int16' }],
    ['int4-gptq', { weights: 'int4' }],
  ] as const)('%s comes back with one algorithm for each operator', (name, options) => {
    const { entries, notes } = recipeToAeq(presets[name]);
    expect(notes.join(' ')).toMatch(/Equalizing.*Correction of biases.*Clipping.*GPTQ is kept/);
    const { recipe } = recipeFromAeq(entries, name);
    expect(recipe.steps[1]).toEqual({ pass: 'integer', ...(options ? { options } : {}) });
    expect(recipe.overrides).toContainEqual({
      ...{ match: { kind: 'FULLY_CONNECTED' }, pass: 'integer', options: { rounding: 'gptq' } },
    });
    expect(recipeToAeq(recipe).entries).toEqual(entries);
  });

  it.each(['clean-up', 'mixed', 'prune-50'] satisfies PresetName[])('%s cannot be said', (name) => {
    const { entries, notes } = recipeToAeq(presets[name]);
    expect(entries).toEqual([]);
    expect(notes[0]).toMatch(/^Step 1 \(clean-up\) is left out/);
  });

  it('says overrides by name and kind so that the same operators are quantized', async () => {
    const recipe: Recipe = {
      ...{ name: 'mine', version: 1 },
      steps: [{ pass: 'integer' }, { pass: 'weight-only', options: { minElements: 1 } }],
      overrides: [
        { match: { name: '.*' }, pass: 'weight-only', skip: true },
        { match: { kind: 'EMBEDDING_LOOKUP' }, pass: 'weight-only', skip: false },
        { match: { name: 'sec' }, pass: 'integer', skip: true },
        {
          match: { name: 'sec', kind: 'FULLY_CONNECTED' },
          pass: 'weight-only',
          skip: false,
          options: { weights: 'int4' },
        },
      ],
    };
    const before = describeModel((await runRecipe(network(), recipe, { seed: 1 }, true)).model);
    expect(before).toMatchObject({ first: 'INT8/INT8', second: 'FLOAT32/INT4*', table: 'FLOAT32/INT8*' });
    expect(await outcome(recipeToAeq(recipe).entries)).toEqual(before);
  });

  it('names the kinds where only some have integers', () => {
    const { entries } = recipeToAeq({
      ...{ name: 'mine', version: 1, steps: [{ pass: 'integer' }] },
      overrides: [
        { match: { name: '.*' }, skip: true },
        { match: { kind: 'CONV_2D' }, skip: false },
      ],
    });
    expect(entries.map(({ regex, operation }) => `${regex} ${operation}`)).toEqual(['.* CONV_2D']);
  });

  it('gives operators of an index by name when it has the model', async () => {
    const recipe: Recipe = {
      ...{ name: 'mine', version: 1, steps: [{ pass: 'dynamic-range' }] },
      overrides: [{ match: { operator: 2 }, skip: true }],
    };
    const blind = recipeToAeq(recipe);
    expect(blind.notes).toEqual([
      'Left out: override 1, matched by index; with the model at hand they are given by name.',
    ]);
    const { entries, notes } = recipeToAeq(recipe, network());
    expect(notes).toEqual([]);
    expect(entries.at(-1)).toEqual(leave('^second;$', 'FULLY_CONNECTED'));
    expect(await outcome(entries)).toEqual({ ...floats, first: 'FLOAT32/INT8', table: 'FLOAT32/INT8' });
  });

  it('says what operators of two names get', () => {
    const { notes } = recipeToAeq({
      ...{ name: 'mine', version: 1, steps: [{ pass: 'dynamic-range', options: { weights: 'int4' } }] },
      overrides: [
        { match: { name: 'a' }, options: { minElements: 5000 } },
        { match: { name: 'b' }, options: { weights: 'int8' } },
      ],
    });
    expect(notes).toEqual([expect.stringMatching(/both "a" and "b" get the entries of "b" alone/)]);
  });
});

it('a recipe file is read by what it holds', () => {
  const text = JSON.stringify([entry('.*', '*', {})]);
  expect(readRecipeText(text, 'theirs').recipe).toMatchObject({
    name: 'theirs',
    steps: [{}, { pass: 'dynamic-range' }],
  });
  expect(readRecipeText(JSON.stringify(presets.int8), 'x')).toEqual({ recipe: presets.int8, notes: [] });
  expect(() => readRecipeText('[', 'x')).toThrow(/no valid JSON/);
});
