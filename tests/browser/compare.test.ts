import { describe, expect, it, vi } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import '../../src/app.css';
import AgainstOriginal from '../../src/views/compare/AgainstOriginal.svelte';
import CompareView from '../../src/views/compare/CompareView.svelte';
import { changedSamples, classChanges, pairLayers } from '../../src/views/compare/pairs';
import { randomDataRemark } from '../../src/core/measure/compare-words';
import type { PictureSource } from '../../src/views/compare/picture';
import type { Comparison } from '../../src/core/measure/types';
import { comparison, samples } from './compare-figures';

async function show(
  shown: Comparison | null,
  running: { done: number; total: number; label: string } | null = null,
  picture: PictureSource | null = null,
) {
  const calls = { onsave: vi.fn(), onrun: vi.fn(), oncancel: vi.fn() };
  await render(CompareView, { comparison: shown, running, picture, ...calls });
  return calls;
}

describe('pairs', () => {
  it('matches layers by name and sums what lies behind the largest', () => {
    const [original, variant] = comparison([[]]).models;
    const rows = pairLayers(original!, variant!, 5);
    expect(rows).toHaveLength(5);
    expect(rows[0]).toEqual({ label: 'layer_19', detail: 'CONV_2D', before: 81_920, after: 20_480 });
    expect(rows[4]).toMatchObject({ label: '16 others' });
    const total = (side: 'before' | 'after') => rows.reduce((sum, row) => sum + row[side], 0);
    expect(total('before')).toBe(4 * total('after'));
  });

  it('lists losses before gains', () => {
    const shown = comparison([[7]]);
    const rows = changedSamples(shown, shown.models[0]!, shown.models[1]!);
    expect(rows.map(({ sample, effect }) => [sample, effect])).toEqual([
      [7, 'lost'],
      [0, 'gained'],
      [1, 'gained'],
    ]);
  });
});

describe('changes by class', () => {
  const changes = (shown: Comparison) => classChanges(shown, shown.models[0]!, shown.models[1]!, 20);

  it('gives shares of all classes where there are few, and none where nothing changed', () => {
    const some = changes(comparison([[7]]));
    expect(some.rows).toHaveLength(10);
    expect(some).toMatchObject({ areCounts: false, unchanged: 0, left: 0 });
    expect(some.rows[7]).toMatchObject({ value: -1 / 20, text: null });
    expect(changes(comparison([[0, 1]]))).toMatchObject({ rows: [], unchanged: 10 });
  });

  it('counts small classes, and leaves out those of many that did not change', () => {
    const shown = comparison([[]]);
    const [original, variant] = shown.models;
    const single = Int32Array.from({ length: samples }, (_, i) => i);
    const found = changes({
      ...shown,
      labels: single,
      models: [
        { ...original!, predictions: single.with(3, 0) },
        { ...variant!, predictions: single.with(5, 0).with(6, 0) },
      ],
    });
    expect(found).toMatchObject({ areCounts: true, unchanged: samples - 3, left: 0 });
    expect(found.rows.map(({ label, value, text }) => [label, value, text])).toEqual([
      ['5', -1, '1 → 0 of 1'],
      ['6', -1, '1 → 0 of 1'],
      ['3', 1, '0 → 1 of 1'],
    ]);
  });
});

describe('CompareView', () => {
  it('shows the samples whose answer changed as pictures, a few at a time', async () => {
    const asked: number[] = [];
    const picture: PictureSource = (sample) => {
      asked.push(sample);
      const rgba = new Uint8ClampedArray(4 * 64).fill(255);
      return Promise.resolve({ width: 8, height: 8, rgba });
    };
    const wrong = Array.from({ length: 18 }, (_, i) => 20 + i);
    await show(comparison([wrong]), null, picture);
    const list = page.getByRole('list', { name: 'Pictures of changed samples' });
    const first = list.getByRole('img', { name: 'Sample 20, label 0: 0 before, 1 after' });
    await expect.element(first).toBeVisible();
    const canvas = first.element() as HTMLCanvasElement;
    await expect.poll(() => canvas.width).toBe(8);
    expect(canvas.getContext('2d')!.getImageData(0, 0, 1, 1).data).toEqual(
      Uint8ClampedArray.of(255, 255, 255, 255),
    );
    expect(asked).toHaveLength(12);
    await page.getByRole('button', { name: 'More pictures (8 left)' }).click();
    await expect.element(list.getByRole('listitem')).toHaveLength(20);
  });

  it('copies the summary as the report', async () => {
    const written = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue();
    await show(comparison([[2]]));
    const card = page.getByRole('region', { name: 'All figures' });
    await expect.element(card).toBeVisible();
    await page.getByRole('button', { name: 'Copy as CSV' }).last().click();
    expect(written.mock.lastCall![0]).toMatch(/^name,sizeBytes,.*\r\noriginal,1000000,/);
    await page.getByRole('button', { name: 'Copy as Markdown' }).last().click();
    expect(written.mock.lastCall![0]).toContain('test set, 200 samples');
    written.mockRestore();
  });

  it('teaches the next step when there is nothing', async () => {
    const { onrun } = await show(null);
    await expect.element(page.getByText('Nothing compared yet')).toBeVisible();
    await page.getByRole('button', { name: 'Compare' }).click();
    expect(onrun).toHaveBeenCalledOnce();
  });

  it('shows progress and cancels', async () => {
    const { oncancel } = await show(null, { done: 3, total: 12, label: 'Measuring latency' });
    await expect.element(page.getByRole('progressbar')).toHaveAttribute('aria-valuenow', '25');
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect(oncancel).toHaveBeenCalledOnce();
  });

  it('says what changed, by how much, and how it was measured', async () => {
    const { onsave } = await show(comparison([[2, 3, 4]]));
    const accuracy = page.getByRole('region', { name: 'Accuracy' });
    await expect.element(accuracy).toHaveTextContent('99.0 %');
    await expect.element(accuracy).toHaveTextContent('−0.5 pt, within noise');
    await expect.element(accuracy).toHaveTextContent('2 gained, 3 lost');
    const latency = page.getByRole('region', { name: 'Latency', exact: true });
    await expect.element(latency).toHaveTextContent(/2\.0*× faster/);
    await expect.element(latency).toHaveTextContent(/1\.80?× to 2\.20?×/);
    await expect.element(page.getByRole('region', { name: 'Size' })).toHaveTextContent('−73 %');
    await expect.element(page.getByRole('img', { name: /Bytes by layer/ })).toBeVisible();
    await expect.element(page.getByText('5 of 200')).toBeVisible();
    await page.getByRole('button', { name: 'Save as JSON' }).click();
    expect(onsave).toHaveBeenCalledOnce();
  });

  it('compares with the variant that is chosen', async () => {
    await show(
      comparison([
        [0, 1],
        [2, 3, 4, 5, 6, 7, 8, 9],
      ]),
    );
    const accuracy = page.getByRole('region', { name: 'Accuracy' });
    await expect.element(accuracy).toHaveTextContent('the same');
    await page.getByRole('combobox', { name: 'Variant shown' }).selectOptions('variant 2');
    await expect.element(accuracy).toHaveTextContent('−3.0 pt');
    const table = page.getByRole('table', { name: 'All figures' });
    await expect.element(table.getByRole('row')).toHaveLength(4);
  });

  it('warns about random data and names models that could not be run', async () => {
    const shown = comparison([[]], {
      isRandom: true,
      labels: null,
      notes: [randomDataRemark, 'Sizes that are free became 1.'],
    });
    const [original, variant] = shown.models;
    const failure = { code: 'unsupported', message: 'LiteRT has no MyOp.' } as const;
    const unknown = {
      top1: null,
      top5: null,
      confusion: null,
      predictions: null,
      latencyMs: null,
      speedup: null,
    };
    await show({
      ...shown,
      models: [
        { ...original!, top1: null, confusion: null },
        { ...variant!, ...unknown, agreement: null, sqnrDb: null, cosine: null, failure },
      ],
    });
    await expect.element(page.getByText('These samples are random numbers.')).toBeVisible();
    await expect.element(page.getByText('Sizes that are free became 1.')).toBeVisible();
    expect(page.getByText(randomDataRemark).query()).toBeNull();
    await expect
      .element(page.getByRole('alert'))
      .toHaveTextContent(/variant 1 could not be run.*LiteRT has no MyOp\./);
    await expect.element(page.getByRole('region', { name: 'Size' })).toHaveTextContent('−73 %');
  });

  it('asks for a second model when there is one', async () => {
    await show(comparison([]));
    await expect.element(page.getByText(/only one model here/)).toBeVisible();
    await expect.element(page.getByRole('table', { name: 'All figures' })).toBeVisible();
  });
});

describe('AgainstOriginal', () => {
  it('says the three changes in words', async () => {
    await render(AgainstOriginal, { comparison: comparison([[2, 3, 4]]), index: 1 });
    const picture = page.getByRole('img', { name: /^variant 1: Accuracy: 99\.0 % to 98\.5 %/ });
    await expect.element(picture).toBeVisible();
    const bars = [...picture.element().querySelectorAll('rect')].map((bar) =>
      Number(bar.getAttribute('width')),
    );
    expect(bars[3]! / bars[2]!).toBeCloseTo(0.5, 6);
    expect(bars[5]! / bars[4]!).toBeCloseTo(0.27, 6);
  });

  it('keeps long titles off their bars', async () => {
    const shown = comparison([[]]);
    const unlabelled = { top1: null, top5: null, correct: null, confusion: null };
    await render(AgainstOriginal, {
      comparison: {
        ...shown,
        labels: null,
        models: shown.models.map((model) => ({ ...model, ...unlabelled })),
      },
      index: 1,
    });
    const picture = page.getByRole('img', { name: /^variant 1: Agreement/ });
    await expect.element(picture).toBeVisible();
    const title = picture.element().querySelector('text')!.getBoundingClientRect();
    const bar = picture.element().querySelector('rect')!.getBoundingClientRect();
    expect(title.right).toBeLessThan(bar.left);
  });

  it('draws nothing for a model that is not there', async () => {
    await render(AgainstOriginal, { comparison: comparison([[]]), index: 5 });
    expect(page.getByRole('img').query()).toBeNull();
  });
});
