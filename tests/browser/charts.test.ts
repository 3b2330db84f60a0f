import { describe, expect, it, vi } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import '../../src/app.css';
import ConfusionMatrix from '../../src/ui/charts/ConfusionMatrix.svelte';
import DivergingBars from '../../src/ui/charts/DivergingBars.svelte';
import Histogram from '../../src/ui/charts/Histogram.svelte';
import PairedBars from '../../src/ui/charts/PairedBars.svelte';
import Strips from '../../src/ui/charts/Strips.svelte';
import { fileStem, keepEnd, svgSource } from '../../src/ui/charts/chart';
import { confusionChange } from '../../src/ui/charts/confusion';

const kib = (value: number) => `${value} KiB`;

describe('PairedBars', () => {
  const props = {
    title: 'Bytes by layer',
    rows: [
      { label: 'conv', detail: 'CONV_2D', before: 100, after: 25 },
      { label: 'dense', before: 40, after: 40 },
    ],
    format: kib,
    beforeLabel: 'before',
    afterLabel: 'after',
  };

  it('draws two bars a row whose lengths follow the values, and says them in words', async () => {
    await render(PairedBars, props);
    const picture = page.getByRole('img', { name: /conv: 100 KiB to 25 KiB/ });
    await expect.element(picture).toBeVisible();
    const bars = [...picture.element().querySelectorAll('rect')].map(
      (bar) => bar.getBoundingClientRect().width,
    );
    expect(bars).toHaveLength(4);
    expect(bars[1]! / bars[0]!).toBeCloseTo(0.25, 2);
    expect(bars[2]! / bars[0]!).toBeCloseTo(0.4, 2);
  });

  it('shows its figures as a table and copies them as CSV', async () => {
    const write = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue();
    await render(PairedBars, props);
    await page.getByRole('button', { name: 'Table' }).click();
    await expect.element(page.getByRole('cell', { name: 'CONV_2D' })).toBeVisible();
    await expect.element(page.getByRole('button', { name: 'SVG' })).toBeDisabled();
    await page.getByRole('button', { name: 'Copy' }).click();
    expect(write).toHaveBeenCalledWith('name,detail,before,after\nconv,CONV_2D,100,25\ndense,,40,40\n');
    await expect.element(page.getByRole('status')).toHaveTextContent('Copied as CSV');
    write.mockRestore();
  });

  it('becomes an SVG file of its own, with colours written in', async () => {
    await render(PairedBars, props);
    await expect.element(page.getByRole('img')).toBeVisible();
    const source = svgSource(page.getByRole('img').element() as unknown as SVGSVGElement, '#fff');
    const parsed = new DOMParser().parseFromString(source, 'image/svg+xml');
    expect(parsed.querySelector('parsererror')).toBeNull();
    const bars = [...parsed.querySelectorAll('rect')];
    expect(bars[0]!.getAttribute('fill')).toBe('rgb(139, 147, 161)');
    expect(source).not.toContain('var(');
    expect(source).not.toContain('class=');
  });
});

describe('Histogram', () => {
  it('draws bars for the filled bins of the first series and an outline of the second over them', async () => {
    await render(Histogram, {
      title: 'Values',
      format: String,
      series: [
        { label: 'float', tone: 'before', min: -1, max: 1, counts: [1, 0, 3, 4] },
        { label: 'int8', tone: 'after', min: -1, max: 1, counts: [2, 2, 2, 2] },
      ],
    });
    const picture = page.getByRole('img', { name: /float: -1 to 1; int8: -1 to 1/ });
    await expect.element(picture).toBeVisible();
    const bars = [...picture.element().querySelectorAll('rect')];
    expect(bars).toHaveLength(3);
    const path = picture.element().querySelector('path')!.getAttribute('d')!;
    const levels = [...path.matchAll(/V([\d.]+)H/g)].map((match) => Number(match[1]));
    expect(levels).toHaveLength(4);
    // Of equal totals a quarter of the values stands half as high as a half.
    const floor = Number(/,([\d.]+)/.exec(path)![1]);
    const tallest = Math.max(...bars.map((bar) => Number(bar.getAttribute('height'))));
    for (const level of levels) expect((floor - level) / tallest).toBeCloseTo(0.5, 1);
  });

  it('draws a tensor of equal values', async () => {
    await render(Histogram, {
      title: 'Zeros',
      format: String,
      series: [{ label: 'values', tone: 'after', min: 0, max: 0, counts: [5, 0, 0] }],
    });
    await expect.element(page.getByRole('img')).toBeVisible();
    const bars = [...page.getByRole('img').element().querySelectorAll('rect')];
    expect(bars).toHaveLength(1);
    expect(Number(bars[0]!.getAttribute('x'))).not.toBeNaN();
  });
});

describe('Strips', () => {
  it('draws every run and keeps stragglers in the table', async () => {
    await render(Strips, {
      title: 'Latency',
      unit: 'ms',
      format: (value: number) => `${value} ms`,
      rows: [
        { label: 'a', tone: 'before', values: [1, 1.1, 0.9, 90], median: 1, p10: 0.9, p90: 1.1 },
        { label: 'b', tone: 'after', values: [0.5, 0.6], median: 0.55, p10: 0.5, p90: 0.6 },
      ],
    });
    const picture = page.getByRole('img', { name: /a: median 1 ms, 0.9 ms to 1.1 ms/ });
    await expect.element(picture).toBeVisible();
    expect(picture.element().querySelectorAll('circle')).toHaveLength(5);
    await expect.element(page.getByText(/1 run beyond .* is in the table only/)).toBeVisible();
  });
});

describe('DivergingBars', () => {
  it('counts ups and downs and prints signed values', async () => {
    await render(DivergingBars, {
      title: 'By class',
      rows: [
        { label: 'cat', value: 0.1 },
        { label: 'dog', value: -0.2 },
        { label: 'cow', value: 0 },
      ],
      format: (value: number) => (value > 0 ? `+${value}` : String(value)),
    });
    await expect
      .element(page.getByRole('img', { name: 'By class. 1 up, 1 down, 1 the same.' }))
      .toBeVisible();
    await expect.element(page.getByText('-0.2')).toBeVisible();
  });
});

describe('ConfusionMatrix', () => {
  it('prints the change of each cell, better and worse apart', async () => {
    await render(ConfusionMatrix, {
      title: 'Confusion',
      classes: 2,
      before: [9, 1, 0, 10],
      after: [10, 0, 2, 8],
      names: ['cat', 'dog'],
    });
    const picture = page.getByRole('img', { name: /2 classes changed/ });
    await expect.element(picture).toBeVisible();
    expect(picture.element().querySelectorAll('rect.good')).toHaveLength(2);
    expect(picture.element().querySelectorAll('rect.bad')).toHaveLength(2);
    const printed = [...picture.element().querySelectorAll('text')].map((text) => text.textContent.trim());
    expect(printed).toEqual(expect.arrayContaining(['+1', '−1', '+2', '−2']));
  });

  it('shows only the most changed of many classes, quickly', async () => {
    const classes = 1001;
    const before = new Uint32Array(classes * classes);
    const after = new Uint32Array(classes * classes);
    after[500 * classes + 7] = 3;
    const start = performance.now();
    const change = confusionChange(classes, before, after, 12);
    expect(performance.now() - start).toBeLessThan(250);
    expect(change.classes).toHaveLength(12);
    expect(change.classes).toContain(500);
    expect(change.classes).toContain(7);
    expect(change.changedClasses).toBe(2);
    await render(ConfusionMatrix, { title: 'Confusion', classes, before, after, names: null });
    await expect.element(page.getByText(/The 12 classes of 1,001 that changed most/)).toBeVisible();
  });
});

describe('words', () => {
  it('shortens names from the front and makes file names', () => {
    expect(keepEnd('a/long/name', 6)).toBe('…/name');
    expect(keepEnd('short', 6)).toBe('short');
    expect(fileStem('Bytes by layer')).toBe('bytes-by-layer');
    expect(fileStem('…')).toBe('chart');
  });
});
