import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import '../../src/app.css';
import { readNpz } from '../../src/core/data/npz';
import type { ModelSummary } from '../../src/core/inspect/types';
import { writeModel } from '../../src/core/model/write';
import type { Model } from '../../src/core/model/types';
import { parseClient, type ParseClient } from '../../src/rpc/parse';
import Treemap from '../../src/ui/charts/Treemap.svelte';
import { layTiles, nextTile } from '../../src/ui/charts/tiles';
import { gridPlan } from '../../src/ui/charts/picture-grid';
import { rangeColumns } from '../../src/ui/charts/ranges';
import Inspector from '../../src/views/inspector/Inspector.svelte';
import type { Selection } from '../../src/views/inspector/selection';
import { blockwiseModel, filterModel, tensorNamed } from '../unit/inspect/models';
import { at, sampleModel } from '../unit/inspect/sample';
import { buildModel, denseModel, fullyConnected, randomValues, runPass } from '../unit/optimize/fixtures';

let client: ParseClient;
beforeAll(() => {
  client = parseClient();
});
afterAll(() => client.dispose());
afterEach(() => vi.restoreAllMocks());

const summaries = new Map<string, ModelSummary>();
async function open(id: string, model: Model): Promise<void> {
  summaries.set(id, await client.open(id, `${id}.tflite`, new Blob([writeModel(model)])));
}

async function show(modelId: string, selection: Selection, originalId: string | null = null) {
  const onselect = vi.fn<(selection: Selection) => void>();
  const host = document.createElement('div');
  host.style.width = '316px';
  document.body.append(host);
  await render(
    Inspector,
    { client, modelId, originalId, summary: summaries.get(modelId)!, subgraph: 0, selection, onselect },
    { baseElement: host },
  );
  return onselect;
}
const tensor = (index: number): Selection => ({ kind: 'tensor', index });

/** Colours of a canvas that are not transparent, as distinct texts. */
function colorsOf(picture: Element): Set<string> {
  const canvas = picture.querySelector('canvas')!;
  const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
  const colors = new Set<string>();
  for (let i = 0; i < data.length; i += 4) if (data[i + 3]! > 0) colors.add(data.subarray(i, i + 3).join());
  return colors;
}

describe('constants', () => {
  it('shows filters as pictures: colours, one input channel, each on its own scale', async () => {
    const model = filterModel();
    await open('filters', model);
    await show('filters', tensor(tensorNamed(model, 'filters')));
    const coloured = page.getByRole('img', { name: /Filters 0 to 3 of 4, 3 by 2 values each, three input/ });
    await expect.element(coloured).toBeVisible();
    await vi.waitFor(() => expect(colorsOf(coloured.element()).size).toBeGreaterThan(20));
    await page.getByRole('combobox', { name: 'Show' }).selectOptions('one input channel');
    const one = page.getByRole('img', { name: /Filters 0 to 3 of 4, .* input channel 0/ });
    await expect.element(one).toBeVisible();
    await page.getByText('Own scale for each').click();
    await expect.element(page.getByText(/each on its own scale/)).toBeVisible();
    await page.getByRole('spinbutton', { name: 'Input' }).fill('2');
    await userEvent.keyboard('{Tab}');
    await expect.element(page.getByRole('img', { name: /input channel 2/ })).toBeVisible();
  });

  it('draws the range of every channel and one of them in full', async () => {
    const model = filterModel();
    await open('channels', model);
    await show('channels', tensor(tensorNamed(model, 'depthwise')));
    await expect
      .element(page.getByRole('img', { name: /Channels\. 4 channels from −72 to 120; none stands out/ }))
      .toBeVisible();
    await page.getByRole('spinbutton', { name: /^Channel/ }).fill('3');
    await userEvent.keyboard('{Tab}');
    await expect
      .element(page.getByRole('img', { name: /Values of channel 3, −72 to 120; of all channels/ }))
      .toBeVisible();
    const scales = page.getByRole('table', { name: 'Scales and zero points' });
    await expect.element(scales.getByRole('row', { name: '3 2 0' })).toBeVisible();
  });

  it('stays small with thousands of channels, and names those that stand out', async () => {
    const channels = 2000;
    const weights = randomValues(channels * 8);
    weights[8 * 1234] = 50;
    await open('wide', denseModel(channels, 8, weights));
    await show('wide', tensor(1));
    const picture = page.getByRole('img', { name: /2,000 channels .*; 1 stands out: 1234/ });
    await expect.element(picture).toBeVisible();
    expect(picture.element().querySelectorAll('*').length).toBeLessThan(100);
    await page.getByRole('button', { name: '1234', exact: true }).click();
    await expect.element(page.getByRole('img', { name: /Values of channel 1234/ })).toBeVisible();
  });

  it('lists the farthest values and leads to them', async () => {
    const weights = randomValues(64 * 64);
    weights[64 * 40 + 5] = 9;
    await open('far', denseModel(64, 64, weights));
    await show('far', tensor(1));
    const far = page.getByRole('region', { name: 'Farthest values' });
    await far.getByRole('button', { name: '[40, 5]' }).click();
    const values = page.getByRole('region', { name: /Values of weights/ });
    await expect.element(values.getByRole('row', { name: '[40, 5] 9', exact: true })).toBeVisible();
    await expect.element(values).toHaveFocus();
  });

  it('draws where the zeros are', async () => {
    await open('sample', sampleModel());
    await show('sample', tensor(at.pruned));
    const zeros = page.getByRole('img', { name: 'Where the zeros are: 6 of 8 values, 2 rows and 4 columns' });
    await expect.element(zeros).toBeVisible();
    await vi.waitFor(() => expect(colorsOf(zeros.element()).size).toBe(2));
  });

  it('shows constants with a scale for each block', async () => {
    const model = blockwiseModel();
    const index = model.subgraphs[0]!.tensors.findIndex(({ type }) => type === 'INT4');
    await open('blocks', model);
    const onselect = await show('blocks', tensor(index));
    const scales = page.getByRole('region', { name: 'Scales', exact: true });
    await expect.element(scales).toHaveTextContent(/blocks of 1×32/);
    await expect.element(page.getByRole('row', { name: /^\[0, 1\] 0\.\d+ 0$/ })).toBeVisible();
    await page.getByRole('button', { name: /Scales are tensor/ }).click();
    expect(onselect).toHaveBeenCalledWith({ kind: 'tensor', index: expect.any(Number) as number });
    await expect.element(page.getByText('place · stored · real')).toBeVisible();
    await expect.element(page.getByRole('button', { name: 'Real .npy' })).toBeVisible();
  });

  it('tells how far a variant is from its original, also where a pass renamed the tensor', async () => {
    const original = denseModel(16, 64);
    await open('float', original);
    const { model } = runPass('weight-only', original, { minElements: 1 });
    await open('weights', model);
    const index = model.subgraphs[0]!.tensors.findIndex(({ type }) => type === 'INT8');
    expect(model.subgraphs[0]!.tensors[index]!.name).toBe('weights_int8');
    await show('weights', tensor(index), 'float');
    const against = page.getByRole('region', { name: 'Against the original' });
    await expect.element(against.getByRole('row', { name: /SQNR (4|5)\d\.\d dB/ })).toBeVisible();
    await expect.element(against.getByRole('row', { name: /largest difference 0\.00\d+/ })).toBeVisible();
    await expect.element(page.getByRole('img', { name: /original: .*this variant: / })).toBeVisible();
  });

  it('answers other questions while it counts, and stops when nobody asks on', async () => {
    await open('large', denseModel(2000, 3000, randomValues(6_000_000)));
    const abort = new AbortController();
    const seen: number[] = [];
    let isCounted = false;
    const counting = client
      .survey('large', 0, 1, abort.signal, (done) => seen.push(done))
      .finally(() => (isCounted = true));
    await expect(client.values('large', 0, 1, 5_999_999, 1, false)).resolves.toHaveLength(1);
    expect(isCounted).toBe(false);
    abort.abort();
    await expect(counting).rejects.toMatchObject({ name: 'AbortError' });
    expect(seen.every((done) => done >= 0 && done <= 1)).toBe(true);
    await expect(client.survey('large', 0, 1)).resolves.toMatchObject({ count: 6_000_000 });
  });
});

describe('all constants as .npz', () => {
  it('saves an archive that reads back', async () => {
    await open('archive', sampleModel());
    await show('archive', null);
    const saved: { name: string; file: Blob }[] = [];
    vi.spyOn(URL, 'createObjectURL').mockImplementation((file) => {
      saved.push({ name: '', file: file as Blob });
      return 'blob:none';
    });
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
      saved.at(-1)!.name = this.download;
    });
    await page.getByRole('combobox', { name: 'Quantized constants' }).selectOptions('real values');
    await page.getByRole('button', { name: '.npz' }).click();
    await vi.waitFor(() => expect(saved).toHaveLength(1));
    expect(saved[0]!.name).toBe('archive.real.npz');
    const bytes = new Uint8Array(await saved[0]!.file.arrayBuffer());
    const { arrays } = readNpz(bytes, 'archive.npz', () => true);
    expect(arrays.get('net_filter')?.values).toEqual(Float32Array.of(-64, 63.5, 0, 1.25));
    await expect.element(page.getByText(/arrays; 1 constant is not in it\. .*texts/)).toBeVisible();
  });
});

describe('Bytes', () => {
  it('shows a treemap, bars and a table; a tile selects its operator by keyboard', async () => {
    await open('bytes', sampleModel());
    const onselect = await show('bytes', null);
    await page.getByRole('button', { name: 'Bytes …' }).click();
    const tile = page.getByRole('button', { name: /^FULLY_CONNECTED 3, scores, float16, 32 B/ });
    await expect.element(tile).toBeVisible();
    await page.getByRole('combobox', { name: 'Grouped by' }).selectOptions('type');
    await expect.element(page.getByRole('group', { name: /Bytes by type/ })).toBeVisible();
    await page.getByRole('tab', { name: 'Bars' }).click();
    await expect.element(page.getByRole('img', { name: /Bytes by type\. tables: / })).toBeVisible();
    await page.getByRole('tab', { name: 'Table' }).click();
    await expect
      .element(page.getByRole('row', { name: /FULLY_CONNECTED 3 scores float16 32 B/ }))
      .toBeVisible();
    await page.getByRole('tab', { name: 'Treemap' }).click();
    // The largest is the first in the tab order; the last is reached by End, and arrows lead on.
    const first = page.getByRole('button', { name: /^tables of the format/ });
    (first.element() as SVGElement).focus();
    await userEvent.keyboard('{End}');
    expect(document.activeElement?.getAttribute('aria-label')).not.toMatch(/^tables/);
    (tile.element() as SVGElement).focus();
    await userEvent.keyboard('{Enter}');
    expect(onselect).toHaveBeenCalledWith({ kind: 'operator', index: 3 });
    await expect.element(page.getByRole('dialog')).not.toBeInTheDocument();
  });

  it('keeps a model of 20,000 operators under 2,000 elements', async () => {
    const operators = 20_000;
    const model = buildModel({
      tensors: {
        input: { shape: [1, 4] },
        ...Object.fromEntries(
          Array.from({ length: operators }, (_, i) => [
            `w${i}`,
            { shape: [4, 4], data: randomValues(16, i) },
          ]),
        ),
        ...Object.fromEntries(Array.from({ length: operators }, (_, i) => [`out${i}`, { shape: [1, 4] }])),
      },
      operators: Array.from({ length: operators }, (_, i) =>
        fullyConnected(['input', `w${i}`, '-'], `out${i}`),
      ),
      inputs: ['input'],
      outputs: ['out0'],
    });
    await open('many', model);
    await show('many', null);
    await page.getByRole('button', { name: 'Bytes …' }).click();
    const picture = page.getByRole('group', { name: /Bytes by operator kind: \d+ tiles/ });
    await expect.element(picture).toBeVisible();
    expect(document.querySelectorAll('dialog[open] *').length).toBeLessThan(2000);
    await expect.element(page.getByRole('button', { name: /^19,701 others/ })).toBeVisible();
  });
});

describe('charts', () => {
  it('lays tiles by amount and finds neighbours', () => {
    const leaf = (label: string, value: number) => ({
      label,
      detail: '',
      value,
      color: 'red',
      selectable: true,
    });
    const { tiles, frames } = layTiles(
      [
        { label: 'a', value: 3, leaves: [leaf('one', 2), leaf('two', 1)] },
        { label: 'b', value: 3, leaves: [leaf('three', 3)] },
      ],
      400,
      200,
    );
    expect(frames.map(({ label }) => label)).toEqual(['a', 'b']);
    const areas = tiles.map(({ width, height }) => width * height);
    expect(areas[0]! / areas[1]!).toBeGreaterThan(1.8);
    expect(areas[0]! / areas[1]!).toBeLessThan(2.2);
    expect(tiles[nextTile(tiles, 0, 'ArrowRight')!]!.x).toBeGreaterThan(tiles[0]!.x);
    expect(nextTile(tiles, 0, 'ArrowLeft')).toBeNull();
  });

  it('speaks of the tile that has the focus', async () => {
    const onselect = vi.fn();
    const leaf = { label: 'one', detail: 'int8', value: 30, color: 'var(--conv)', selectable: false };
    await render(Treemap, {
      title: 'Tiles',
      groups: [{ label: null, value: 30, leaves: [leaf] }],
      format: (value: number) => `${value} B`,
      onselect,
    });
    const tile = page.getByRole('button', { name: 'one, int8, 30 B, 100.0 %' });
    await expect.element(tile).toBeVisible();
    (tile.element() as SVGElement).focus();
    await expect.element(page.getByText('one, int8, 30 B, 100.0 %')).toBeVisible();
    await userEvent.keyboard('{Enter}');
    expect(onselect).not.toHaveBeenCalled();
  });

  it('puts many channels into few columns', () => {
    const min = Float64Array.from({ length: 10 }, (_, i) => -i);
    const max = Float64Array.from({ length: 10 }, (_, i) => i);
    expect(rangeColumns(min, max, [9, 1], 4)).toEqual([
      { from: 0, to: 2, min: -2, max: 2, marked: [1] },
      { from: 3, to: 5, min: -5, max: 5, marked: [] },
      { from: 6, to: 8, min: -8, max: 8, marked: [] },
      { from: 9, to: 9, min: -9, max: 9, marked: [9] },
    ]);
  });

  it('finds the picture under a point', () => {
    const plan = gridPlan(10, 3, 3, 300);
    expect(plan.at(5, 5)).toBe(0);
    expect(plan.at(plan.cell + plan.gap + 5, 5)).toBe(1);
    expect(plan.at(-3, 5)).toBeNull();
    expect(plan.width).toBeLessThanOrEqual(300);
  });
});
