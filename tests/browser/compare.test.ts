import { describe, expect, it, vi } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import '../../src/app.css';
import AgainstOriginal from '../../src/views/compare/AgainstOriginal.svelte';
import CompareView from '../../src/views/compare/CompareView.svelte';
import { changedSamples, pairLayers } from '../../src/views/compare/pairs';
import type { Comparison } from '../../src/core/measure/types';
import { comparison } from './compare-figures';

async function show(
  shown: Comparison | null,
  running: { done: number; total: number; label: string } | null = null,
) {
  const calls = { onsave: vi.fn(), onrun: vi.fn(), oncancel: vi.fn() };
  await render(CompareView, { comparison: shown, running, ...calls });
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

describe('CompareView', () => {
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
      notes: ['Sizes that are free became 1.'],
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

  it('draws nothing for a model that is not there', async () => {
    await render(AgainstOriginal, { comparison: comparison([[]]), index: 5 });
    expect(page.getByRole('img').query()).toBeNull();
  });
});
