import { describe, expect, it, vi } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import '../../src/app.css';
import type { Advice } from '../../src/core/debug/advice';
import type { DebugReport, ErrorFigures, OperatorDebug } from '../../src/core/debug/types';
import type { ViewGraph } from '../../src/core/graph/types';
import type { SearchPoint, SearchResult } from '../../src/core/optimize/search/types';
import DepthChart from '../../src/ui/charts/DepthChart.svelte';
import FrontChart from '../../src/ui/charts/FrontChart.svelte';
import { placeLabels } from '../../src/ui/charts/labels';
import ErrorsView from '../../src/views/errors/ErrorsView.svelte';
import { errorOverlay } from '../../src/views/errors/overlay';
import { contrast, heatColor, heatOf, scaleColor, tint } from '../../src/views/graph/overlay';
import { readTheme } from '../../src/views/graph/theme';
import SearchView from '../../src/views/search/SearchView.svelte';

const figures = (sqnrDb: number): ErrorFigures => ({
  sqnrDb,
  rmse: 0.01,
  rmsePerScale: 0.29,
  meanError: 0,
  maxAbsError: 0.1,
});

function operator(index: number, kind: string, localDb: number | null, accumulatedDb: number): OperatorDebug {
  return {
    subgraph: 0,
    operator: index,
    variantOperator: index + 1,
    kind,
    name: `layer_${index}`,
    dtype: 'int8',
    isQuantized: true,
    depth: index,
    local: localDb === null ? null : figures(localDb),
    accumulated: figures(accumulatedDb),
    rangeUsed: 0.9,
    saturated: 0,
    reason: localDb === null ? 'not run' : null,
  };
}

const report: DebugReport = {
  operators: [
    operator(0, 'CONV_2D', 40, 40),
    operator(1, 'CONV_2D', 22, 21),
    operator(2, 'FULLY_CONNECTED', null, 20),
    operator(3, 'SOFTMAX', Infinity, 19),
  ],
  outputs: [{ name: 'scores', sqnrDb: 19 }],
  samples: 8,
  notes: ['One operator could not be run alone.'],
};

const advice: Advice[] = [
  {
    subgraph: 0,
    operator: 1,
    kind: 'CONV_2D',
    name: 'layer_1',
    title: 'Rounding of activations is coarse',
    message: 'Its local SQNR is far below the median.',
    remedies: ['int16', 'leave-float'],
    together: [0],
  },
];

function errorsProps() {
  return {
    name: 'int8',
    originalName: 'digits',
    debugged: { report, advice, dataName: 'test data' },
    obstacle: null,
    running: null,
    hasIntegers: true,
    onrun: vi.fn(),
    oncancel: vi.fn(),
    onsave: vi.fn(),
    onshow: vi.fn(),
    onremake: vi.fn(),
  };
}

const table = () => page.getByRole('table', { name: 'Errors of operators' });

describe('ErrorsView', () => {
  it('chooses what advice speaks of and hands it on', async () => {
    const props = errorsProps();
    await render(ErrorsView, props);
    await expect.element(table().getByRole('row').nth(4)).toBeVisible();
    await page.getByRole('button', { name: 'Choose CONV_2D 1' }).click();
    await expect.element(page.getByText('2 chosen')).toBeVisible();
    await page.getByRole('button', { name: 'Leave these float' }).click();
    const [rows, how] = props.onremake.mock.calls[0]! as [OperatorDebug[], string];
    expect(rows.map((row) => row.operator)).toEqual([0, 1]);
    expect(how).toBe('float');
  });

  it('shows an operator, and what could not be measured as a dash', async () => {
    const props = errorsProps();
    await render(ErrorsView, props);
    await table().getByRole('button', { name: 'FULLY_CONNECTED 2' }).click();
    expect(props.onshow).toHaveBeenCalledWith(expect.objectContaining({ operator: 2, variantOperator: 3 }));
    await expect.element(table().getByRole('row', { name: /FULLY_CONNECTED 2/ })).toHaveTextContent('–');
    await expect.element(table().getByRole('row', { name: /SOFTMAX 3/ })).toHaveTextContent('exact');
  });

  it('offers nothing that would fail, and says why', async () => {
    const obstacle = 'This needs samples.';
    await render(ErrorsView, { ...errorsProps(), debugged: null, obstacle });
    await expect.element(page.getByText(obstacle)).toBeVisible();
    await expect.element(page.getByRole('button', { name: 'Find errors' })).toBeDisabled();
  });

  it('shows progress with a way to cancel', async () => {
    const props = { ...errorsProps(), running: { done: 1, total: 4, label: 'running operators' } };
    await render(ErrorsView, props);
    await expect.element(page.getByRole('progressbar')).toHaveAttribute('aria-valuenow', '25');
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect(props.oncancel).toHaveBeenCalled();
  });
});

describe('DepthChart', () => {
  it('names the lowest figure of each series and leaves gaps where there is none', async () => {
    const onpick = vi.fn();
    await render(DepthChart, {
      title: 'Error along the depth',
      places: ['a', 'b', 'c'],
      series: [
        { label: 'Accumulated', tone: 'before' as const, values: [30, 20, 10] },
        { label: 'Local', tone: 'after' as const, values: [30, null, Infinity] },
      ],
      format: (value: number) => `${value} dB`,
      marked: new Set([1]),
      onpick,
    });
    const picture = page.getByRole('img', {
      name: /Accumulated: lowest 10 dB at c; Local: lowest 30 dB at a/,
    });
    await expect.element(picture).toBeVisible();
    const circles = [...picture.element().querySelectorAll('circle')];
    expect(circles).toHaveLength(5);
    circles[2]!.dispatchEvent(new MouseEvent('click', { bubbles: true }));
    expect(onpick).toHaveBeenCalledWith(2);
  });
});

const heat = () => {
  const graph = {
    nodes: [{}, {}, {}],
    nodeOfOperator: Int32Array.of(0, 1, 1, 2, -1),
  } as unknown as ViewGraph;
  return heatOf(graph, errorOverlay(report, 'local', 'variant'));
};

describe('the overlay of errors', () => {
  it('colours nodes by their lowest figure, and leaves those without one alone', () => {
    // Operators 1, 2 and 4 of the variant have figures: 40 dB and 22 dB on node 1, none on the others.
    const { values, texts } = heat();
    expect([...values]).toEqual([NaN, 22, NaN]);
    expect(texts).toEqual([null, '22 dB', null]);
  });

  it('goes from red by sand to green, and stays readable', () => {
    const theme = readTheme(document.documentElement);
    const { scale } = heat();
    expect(heatColor(heat(), 0, theme)).toBeNull();
    expect([10, 27.5, 45, Infinity].map((db) => scaleColor(scale, db, theme))).toEqual([
      'rgb(179, 38, 30)',
      'rgb(227, 201, 138)',
      'rgb(47, 148, 100)',
      'rgb(47, 148, 100)',
    ]);
    for (const db of [0, 10, 20, 30, 45]) {
      expect(contrast(tint(scaleColor(scale, db, theme), theme), theme.ink)).toBeGreaterThanOrEqual(4.5);
    }
  });
});

const point = (name: string, sizeBytes: number, top1: number, isOnFront: boolean): SearchPoint => ({
  name,
  recipe: { name: `mixed ${name}`, version: 1, steps: [{ pass: 'clean-up' }] },
  isUniform: true,
  sizeBytes,
  latencyMs: null,
  speedup: null,
  top1,
  agreement: 1,
  sqnrDb: 30,
  layers: { int8: 2 },
  isOnFront,
  isGoodEnough: true,
});

const result: SearchResult = {
  goal: { least: 'size', mostLossPoints: 1, leastSqnrDb: 30 },
  original: { sizeBytes: 4000, latencyMs: null, top1: 0.98 },
  sensitivities: [
    { operator: 0, kind: 'CONV_2D', name: 'a', scheme: 'int8', sqnrDb: 40, savedBytes: 100 },
    { operator: 0, kind: 'CONV_2D', name: 'a', scheme: 'int4', sqnrDb: 20, savedBytes: 150 },
    { operator: 2, kind: 'FULLY_CONNECTED', name: 'b', scheme: 'int8', sqnrDb: 45, savedBytes: 90 },
  ],
  points: [
    point('int8', 1200, 0.98, true),
    point('int4', 700, 0.97, true),
    point('float16', 2100, 0.97, false),
  ],
  best: 1,
  scoredSamples: 100,
  judgedSamples: 8,
  notes: [],
};

function searchProps() {
  return {
    name: 'digits',
    searched: { result, dataName: 'test data' },
    obstacle: null,
    running: null,
    isKept: (one: SearchPoint) => one.name === 'float16',
    onrun: vi.fn(),
    oncancel: vi.fn(),
    onkeep: vi.fn(),
  };
}

describe('SearchView', () => {
  it('keeps a model from the chart and from the table, once', async () => {
    const props = searchProps();
    await render(SearchView, props);
    await page.getByRole('button', { name: /^Keep int4: .* 97\.0/ }).click();
    expect(props.onkeep).toHaveBeenLastCalledWith(result.points[1]);
    await page.getByRole('button', { name: 'Keep int8', exact: true }).click();
    expect(props.onkeep).toHaveBeenLastCalledWith(result.points[0]);
    await expect
      .element(page.getByRole('button', { name: 'Keep float16', exact: true }))
      .not.toBeInTheDocument();
  });

  it('shows each layer in each format, and a dash where it was not tried', async () => {
    await render(SearchView, searchProps());
    const rows = page.getByRole('table', { name: 'Sensitivity of layers' });
    await expect.element(rows.getByRole('row', { name: /CONV_2D 0/ })).toHaveTextContent(/40\.0.*20\.0/);
    await expect.element(rows.getByRole('row', { name: /FULLY_CONNECTED 2/ })).toHaveTextContent('–');
  });

  it('says when nothing is good enough, and searches with what was set', async () => {
    const props = {
      ...searchProps(),
      searched: { result: { ...result, best: null }, dataName: 'test data' },
    };
    await render(SearchView, props);
    await expect.element(page.getByText('No model that was tried keeps the asked accuracy.')).toBeVisible();
    await page.getByRole('combobox', { name: 'Look for' }).selectOptions('latency');
    await page.getByRole('button', { name: 'Search again' }).click();
    expect(props.onrun).toHaveBeenCalledWith({
      least: 'latency',
      mostLossPoints: 1,
      leastSqnrDb: 30,
      points: 6,
    });
  });
});

describe('FrontChart', () => {
  it('draws the front as a line in the order of cost and takes keys', async () => {
    const onpick = vi.fn();
    const points = [
      { label: 'b', x: 2, y: 9, isOnFront: true, isChosen: false, isOriginal: false },
      { label: 'a', x: 1, y: 8, isOnFront: true, isChosen: true, isOriginal: false },
      { label: 'original', x: 4, y: 9, isOnFront: false, isChosen: false, isOriginal: true },
    ];
    await render(FrontChart, {
      title: 'Size against accuracy',
      points,
      xLabel: 'x',
      yLabel: 'y',
      formatX: String,
      formatY: String,
      verb: 'Keep',
      onpick,
    });
    const group = page.getByRole('group', { name: 'Size against accuracy' });
    await expect.element(group).toBeVisible();
    const line = group.element().querySelector('polyline')!.points;
    expect(line).toHaveLength(2);
    expect(line[0]!.x).toBeLessThan(line[1]!.x);
    const button = page.getByRole('button', { name: 'Keep b: 2, 9' }).element() as SVGElement;
    button.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
    expect(onpick).toHaveBeenCalledWith(0);
    await expect.element(page.getByRole('button', { name: /original/ })).not.toBeInTheDocument();
  });

  it('lets no label cover another or a point', () => {
    const points = Array.from({ length: 12 }, (_, i) => ({
      label: `model ${i}`,
      x: 100 + 20 * (i % 4),
      y: 50 + 8 * Math.floor(i / 4),
      isOnFront: true,
      isChosen: i === 7,
      isOriginal: false,
    }));
    const labels = placeLabels(points, 400);
    expect(labels[0]).toMatchObject({ text: 'model 7', isChosen: true });
    expect(labels.length).toBeGreaterThan(1);
    const boxes = labels.map(({ text, x, y }) => [x, x + text.length * 7, y - 9, y + 2] as const);
    boxes.forEach(([left, right, top, bottom], i) => {
      expect(left).toBeGreaterThanOrEqual(0);
      expect(right).toBeLessThanOrEqual(400);
      for (const [l, r, t, b] of boxes.slice(i + 1)) {
        expect(r < left || l > right || b < top || t > bottom).toBe(true);
      }
    });
  });
});
