import { describe, expect, it } from 'vitest';
import { ModelError } from '../../src/core/errors';
import type { ModelSummary } from '../../src/core/inspect/types';
import type { Recipe } from '../../src/core/optimize/types';
import { abortError, isAbort } from '../../src/rpc/errors';
import { fitsModel, likelyScale, whyUnfit } from '../../src/state/datasets.svelte';
import { foundFiles, sortFiles } from '../../src/state/files';
import { History, type Place } from '../../src/state/history.svelte';
import { JobQueue } from '../../src/state/jobs.svelte';
import { fileNameOf, freeName } from '../../src/state/models.svelte';
import { describeError } from '../../src/state/notices.svelte';
import { chainRecipes } from '../../src/state/recipe-chain';
import { RecipeDraft } from '../../src/state/recipe-draft.svelte';
import { readSettings } from '../../src/state/settings.svelte';
import { estimateLeftMs, shareDone } from '../../src/state/time-left';

const file = (name: string) => new File(['x'], name);

describe('time left', () => {
  it('goes on at the speed so far', () => {
    expect(estimateLeftMs(3000, { done: 25, total: 100, label: '' })).toBe(9000);
    expect(estimateLeftMs(3000, { done: 100, total: 100, label: '' })).toBe(0);
  });
  it('says nothing while it cannot know', () => {
    expect(estimateLeftMs(100, { done: 50, total: 100, label: '' })).toBeNull();
    expect(estimateLeftMs(3000, { done: 5, total: 0, label: '' })).toBeNull();
    expect(shareDone({ done: 7, total: 5, label: '' })).toBe(1);
  });
});

describe('the job queue', () => {
  it('runs one job after the other, urgent ones beside', async () => {
    const queue = new JobQueue();
    const order: string[] = [];
    const slow = Promise.withResolvers<undefined>();
    const first = queue.add({ title: 'first', modelId: null }, async () => {
      await slow.promise;
      order.push('first');
    });
    const second = queue.add({ title: 'second', modelId: null }, async () => order.push('second'));
    await queue.add({ title: 'urgent', modelId: null, isUrgent: true }, async () => order.push('urgent'));
    expect(queue.jobs.map((job) => job.title)).toEqual(['first', 'second']);
    slow.resolve(undefined);
    await Promise.all([first, second]);
    expect(order).toEqual(['urgent', 'first', 'second']);
    expect(queue.isBusy).toBe(false);
  });

  it('keeps progress and ends a cancelled job at once', async () => {
    const queue = new JobQueue();
    const work = queue
      .add({ title: 'long', modelId: null }, (signal, onProgress) => {
        onProgress({ done: 1, total: 4, label: 'reading' });
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(abortError())));
      })
      .catch((error: unknown) => error);
    await Promise.resolve();
    const [job] = queue.jobs;
    expect(job?.share).toBe(0.25);
    job?.cancel();
    expect(isAbort(await work)).toBe(true);
    expect(job?.state).toBe('cancelled');
    expect(queue.jobs).toEqual([]);
  });

  it('drops an answer that comes after the job was cancelled, and goes on with the next', async () => {
    const queue = new JobQueue();
    const late = Promise.withResolvers<string>();
    const first = queue
      .add({ title: 'stubborn', modelId: null }, () => late.promise)
      .catch((e: unknown) => e);
    const second = queue.add({ title: 'next', modelId: null }, async () => 'done');
    queue.jobs[0]?.cancel();
    expect(isAbort(await first)).toBe(true);
    late.resolve('too late');
    expect(await second).toBe('done');
  });

  it('lets a failed job through', async () => {
    const queue = new JobQueue();
    const failing = queue.add({ title: 'bad', modelId: null }, async () => {
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(queue.isBusy).toBe(false);
  });
});

describe('the history of selections', () => {
  const place = (index: number, modelId = 'a'): Place => ({
    modelId,
    subgraph: 0,
    selection: { kind: 'operator', index },
    screen: 'graph',
  });

  it('goes back and forward, and forgets what lay ahead', () => {
    const history = new History();
    for (const i of [1, 2, 2, 3]) history.visit(place(i));
    history.goBack();
    history.goBack();
    expect(history.place).toEqual(place(1));
    expect(history.canGoBack).toBe(false);
    history.goForward();
    history.visit(place(9));
    expect(history.canGoForward).toBe(false);
    history.goBack();
    expect(history.place).toEqual(place(2));
  });

  it('takes the screens with it', () => {
    const history = new History();
    history.show('search');
    expect(history.screen).toBe('search');
    history.visit(place(1), 'graph');
    history.show('compare');
    history.visit(place(2));
    expect(history.place).toEqual({ ...place(2), screen: 'compare' });
    history.goBack();
    expect(history.place).toEqual({ ...place(1), screen: 'compare' });
    history.goBack();
    expect(history.screen).toBe('graph');
    expect(history.canGoBack).toBe(false);
  });

  it('forgets places in models that are gone', () => {
    const history = new History();
    history.visit(place(1, 'a'));
    history.visit(place(2, 'b'));
    history.prune((id) => id === 'a');
    expect(history.place).toEqual(place(1, 'a'));
    history.prune(() => false);
    expect(history.place).toBeNull();
  });
});

describe('files', () => {
  it('are sorted into models, data and recipes', () => {
    const sorted = sortFiles(
      foundFiles(['a.tflite', 'b.bin', 'recipe.json', 'inputs.npy', 'labels.txt', 'page.html'].map(file)),
    );
    expect(sorted.models.map((item) => item.path)).toEqual(['a.tflite', 'b.bin', 'page.html']);
    expect(sorted.recipes.map((item) => item.path)).toEqual(['recipe.json']);
    expect(sorted.data).toHaveLength(1);
    expect(sorted.data[0]?.files.map((item) => item.name)).toEqual(['inputs.npy', 'labels.txt']);
  });

  it('of one folder are one dataset with its name, and every npz is one of its own', () => {
    const found = ['set/inputs.npy', 'set/labels.npy', 'x/one.npz', 'x/two.npz', 'x/labels.txt'].map(
      (path) => ({
        path,
        file: file(path.slice(path.lastIndexOf('/') + 1)),
      }),
    );
    const { data } = sortFiles(found);
    expect(data.map((group) => group.name)).toEqual(['set', 'one', 'two']);
    expect(data[1]?.files.map((item) => item.name)).toEqual(['one.npz', 'labels.txt']);
  });

  it('get names that every file system takes', () => {
    expect(fileNameOf('digits-prune 50/edited: "x"')).toBe('digits-prune-50-edited-x');
    expect(fileNameOf('..')).toBe('model');
    expect(freeName('a', ['a', 'a 2'])).toBe('a 3');
  });
});

describe('datasets', () => {
  const model = (shape: readonly number[]) =>
    ({
      subgraphs: [{ inputs: [{ index: 0, name: 'x', dtype: 'float32', shape }] }],
    }) as unknown as ModelSummary;
  const data = (shape: readonly number[], dtype = 'float32') => ({
    name: 'd',
    sampleCount: shape[0] ?? 0,
    inputs: [{ name: null, dtype, shape }],
    classCount: null,
    hasLabels: false,
  });

  it('fit a model whose input takes one sample', () => {
    expect(fitsModel(data([500, 28, 28, 1]), model([1, 28, 28, 1]))).toBe(true);
    expect(fitsModel(data([500, 784]), model([1, 28, 28, 1]))).toBe(true);
    expect(fitsModel(data([500, 28, 27, 1]), model([1, 28, 28, 1]))).toBe(false);
    expect(fitsModel(data([500, 40, 3]), model([1, -1, 3]))).toBe(true);
  });
  it('of bytes are scaled to 0 to 1 unless said otherwise', () => {
    expect(likelyScale(data([1, 2], 'UINT8'), null)).toBe('x/255');
    expect(likelyScale(data([1, 2]), null)).toBe('none');
  });
});

describe('likely scales and unfit data', () => {
  const model = (dtype: string, hasInputScaling = false) =>
    ({
      name: 'm.tflite',
      hasInputScaling,
      subgraphs: [{ inputs: [{ index: 0, name: 'x', dtype, shape: [1, 2] }] }],
    }) as unknown as ModelSummary;
  const bytes = {
    name: 'd',
    sampleCount: 3,
    inputs: [{ name: null, dtype: 'UINT8', shape: [3, 2] }],
    classCount: null,
    hasLabels: false,
  };

  it('take what the metadata say, and nothing for data of the input type', () => {
    expect(likelyScale(bytes, model('float32', true))).toBe('metadata');
    expect(likelyScale(bytes, model('float32'))).toBe('x/255');
    expect(likelyScale(bytes, model('uint8', true))).toBe('none');
  });
  it('say in one sentence why data do not fit', () => {
    expect(whyUnfit(bytes, model('float32'))).toBeNull();
    const other = { ...bytes, inputs: [{ name: null, dtype: 'UINT8', shape: [3, 5, 4] }] };
    expect(whyUnfit(other, model('float32'))).toBe('Its samples are 5×4, but m.tflite takes 2.');
  });
});

describe('recipes in a chain', () => {
  it('keep the steps in order, and exceptions to their own passes', () => {
    const first: Recipe = {
      name: 'a',
      version: 1,
      steps: [{ pass: 'prune' }],
      overrides: [{ match: { kind: 'CONV_2D' }, skip: true }],
    };
    const then: Recipe = { name: 'b', version: 1, steps: [{ pass: 'float16' }] };
    expect(chainRecipes(first, then)).toEqual({
      name: 'a + b',
      version: 1,
      steps: [{ pass: 'prune' }, { pass: 'float16' }],
      overrides: [{ match: { kind: 'CONV_2D' }, skip: true, pass: 'prune' }],
    });
  });
});

describe('settings', () => {
  it('take the preset for what is missing, broken or out of range', () => {
    const presets = readSettings(null);
    expect(readSettings('{ not json')).toEqual(presets);
    expect(readSettings('[]')).toEqual(presets);
    expect(readSettings('{"theme":"pink","panels":{"left":{"size":9999}}}')).toEqual(presets);
    expect(readSettings('{"theme":"dark"}')).toEqual({ ...presets, theme: 'dark' });
  });
});

describe('the recipe draft', () => {
  it('is a preset until it is changed', () => {
    const draft = new RecipeDraft();
    draft.usePreset('prune-50');
    expect(draft.recipe.name).toBe('prune-50');
    const step = draft.steps.find(({ pass }) => pass.name === 'prune');
    draft.setOption(step!.id, 'sparsity', 0.7);
    expect(draft.preset).toBeNull();
    expect(draft.recipe.name).toBe('prune-50 edited');
    expect(draft.recipe.steps.at(-1)?.options).toMatchObject({ sparsity: 0.7 });
  });

  it('adds, moves and removes steps', () => {
    const draft = new RecipeDraft();
    draft.usePreset('float16');
    draft.addStep('prune');
    const last = draft.steps.at(-1)!;
    draft.moveStep(last.id, -5);
    expect(draft.steps[0]?.pass.name).toBe('prune');
    draft.removeStep(last.id);
    expect(draft.steps.map(({ pass }) => pass.name)).toEqual(['clean-up', 'float16']);
  });

  it('leaves operators out, gives them options, and is the preset again when that is taken back', () => {
    const draft = new RecipeDraft();
    draft.usePreset('prune-50');
    const match = { subgraph: 0, operator: 3 };
    draft.leaveOut(match, null);
    draft.setOverrideOption(match, 'prune', 'sparsity', 0.8);
    draft.setOverrideOption(match, 'prune', 'sparsity', 0.9);
    expect(draft.recipe.overrides).toEqual([
      { match, skip: true },
      { match, pass: 'prune', options: { sparsity: 0.9 } },
    ]);
    expect(draft.preset).toBeNull();
    draft.setSkip(match, null, null);
    draft.takeBack(draft.overrides[0]!);
    expect(draft.overrides).toEqual([]);
    expect(draft.preset).toBe('prune-50');
    expect(draft.name).toBe('prune-50');
  });

  it('shows a plan only for the recipe and model that it was made for', () => {
    const draft = new RecipeDraft();
    draft.keepPlan(draft.planKey('m'), []);
    expect(draft.planFor('m')).toEqual([]);
    expect(draft.planFor('other')).toBeNull();
    draft.addStep('prune');
    expect(draft.planFor('m')).toBeNull();
  });
});

describe('an error as a notice', () => {
  it('says what and where', () => {
    const error = new ModelError('broken-model', 'An index is too large.', {
      where: 'subgraphs[0].operators[12].inputs[1]',
      byteOffset: 12_345,
    });
    expect(describeError(error)).toBe(
      'An index is too large. Place: subgraphs[0].operators[12].inputs[1]. At byte 12,345.',
    );
    expect(describeError('odd')).toBe('odd');
  });
});
