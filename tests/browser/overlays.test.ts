/** The legend of overlays, their table, the list of changes, and how figures become colours. */
import { describe, expect, it, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { page, userEvent } from 'vitest/browser';
import '../../src/app.css';
import { changes, type DiffEntry, type GraphDiff } from '../../src/core/graph/diff';
import type { SubgraphMetrics } from '../../src/core/graph/metrics';
import type { DrawnGraph } from '../../src/core/graph/groups-draw';
import DiffList from '../../src/views/diff/DiffList.svelte';
import { changeCounts, changeOverlay } from '../../src/views/diff/change-overlay';
import { dataOverlay, figureOverlay, rampFor } from '../../src/views/graph/figure-overlays';
import {
  contrast,
  exportColors,
  heatColor,
  heatOf,
  type Overlay,
  scaleColor,
  tint,
} from '../../src/views/graph/overlay';
import { layoutClient, type LayoutClient } from '../../src/rpc/layout';
import { chainGraph, scopedGraph } from '../bench/graph-models';
import GraphView from '../../src/views/graph/GraphView.svelte';
import OverlayLegend from '../../src/views/graph/OverlayLegend.svelte';
import OverlayTable from '../../src/views/graph/OverlayTable.svelte';
import { readTheme } from '../../src/views/graph/theme';

const count = 2000;
const metrics: SubgraphMetrics = {
  kinds: Array.from({ length: count }, () => 'CONV_2D'),
  outputNames: Array.from({ length: count }, (_, i) => [`layer_${i}`]),
  bytes: Float64Array.from({ length: count }, (_, i) => (i === 7 ? 4096 : i < 4 ? 1024 : 0)),
  parameters: new Float64Array(count),
  macs: new Float64Array(count).fill(1),
  macsPerByte: new Float64Array(count).fill(NaN),
  sparsity: new Float64Array(count).fill(NaN),
  dtypeOf: Int32Array.from({ length: count }, (_, i) => i % 2),
  dtypes: ['int8', 'float32'],
};
const choices = [
  { value: 'none', label: 'by category' },
  { value: 'bytes', label: 'by bytes' },
];

describe('the legend', () => {
  it('names the ends of the scale, and offers table, import and export', async () => {
    const [onchange, ontable, onexport, onimport] = [vi.fn(), vi.fn(), vi.fn(), vi.fn()];
    const overlay = figureOverlay('bytes', metrics);
    await render(OverlayLegend, { choices, value: 'bytes', overlay, onchange, ontable, onexport, onimport });
    await expect
      .element(page.getByRole('img', { name: 'Bytes of constants: 0 B is not coloured, 4.00 KiB most' }))
      .toBeVisible();
    await page.getByRole('button', { name: 'Operators by this figure' }).click();
    expect(ontable).toHaveBeenCalledWith(true);
    await page.getByRole('button', { name: 'Figures' }).click();
    await page.getByRole('menuitem', { name: /^Export as node data/ }).click();
    expect(onexport).toHaveBeenCalledOnce();
    const file = new File(['{}'], 'data.json', { type: 'application/json' });
    await userEvent.upload(page.getByLabelText('Node data file'), file);
    expect(onimport).toHaveBeenCalledOnce();
    await page.getByRole('combobox', { name: 'Colour' }).selectOptions('none');
    expect(onchange).toHaveBeenCalledWith('none');
  });

  it('lists the changes of both graphs, with every sign that stands on a card', async () => {
    const diff: GraphDiff = {
      partnerOfBefore: Int32Array.of(0, -1),
      partnerOfAfter: Int32Array.of(0),
      entries: [
        { before: 0, after: 0, kind: 'ADD', name: '', changes: ['retyped', 'settings'], detail: '' },
        { before: 1, after: -1, kind: 'RELU', name: '', changes: ['removed'], detail: '' },
      ],
      unchanged: 0,
      isMapped: true,
    };
    const overlay = changeOverlay(diff, 'after');
    const counts = changeCounts(diff);
    await render(OverlayLegend, { choices, value: 'none', overlay, counts, onchange: vi.fn() });
    const items = page.getByRole('list', { name: 'Change' }).getByRole('listitem');
    await expect
      .poll(() => items.elements().map((item) => item.textContent.trim()))
      .toEqual(['− removed 1', 'T other type 1', 'O other options 1']);
  });

  it('lists categories with how many operators have them', async () => {
    const overlay = figureOverlay('dtype', metrics);
    await render(OverlayLegend, { choices, value: 'none', overlay, onchange: vi.fn() });
    await expect.element(page.getByRole('list', { name: 'Type of weights' })).toHaveTextContent('int8 1000');
  });
});

describe('the table', () => {
  it('lists operators from the greatest down with their share, only those in view, and selects', async () => {
    const onselect = vi.fn();
    const overlay = figureOverlay('macs', metrics);
    await render(OverlayTable, { overlay, metrics, selected: -1, onselect });
    const rows = page.getByRole('table').element().querySelectorAll('tbody tr[aria-rowindex]');
    expect(rows.length).toBeLessThan(60);
    await expect.element(page.getByRole('table')).toHaveAttribute('aria-rowcount', String(count + 1));
    await page.getByRole('button', { name: 'CONV_2D 3', exact: true }).click();
    expect(onselect).toHaveBeenCalledWith(3);
  });

  it('puts the largest first', async () => {
    await render(OverlayTable, {
      overlay: figureOverlay('bytes', metrics),
      metrics,
      selected: 7,
      onselect: vi.fn(),
    });
    const [first] = page.getByRole('table').element().querySelectorAll('tbody tr');
    expect(first?.textContent).toContain('CONV_2D 7');
    expect(first?.textContent).toContain('50.0');
    expect(first?.classList.contains('selected')).toBe(true);
  });
});

describe('the list of changes', () => {
  it('says what happened with sign and words, and selects', async () => {
    const onselect = vi.fn();
    const entries: DiffEntry[] = [
      { before: 0, after: 1, kind: 'ADD', name: 'sum', changes: ['retyped'], detail: 'float32 → int8' },
      { before: 1, after: -1, kind: 'RELU', name: 'act', changes: ['removed'], detail: '' },
    ];
    await render(DiffList, { entries, selected: (entry: DiffEntry) => entry.before === 1, onselect });
    await expect.element(page.getByRole('row', { name: /ADD 1 0 1 T other type/ })).toBeVisible();
    await expect.element(page.getByRole('row', { name: /RELU 1 1 – − removed/ })).toHaveClass(/selected/);
    await page.getByRole('button', { name: 'RELU 1' }).click();
    expect(onselect).toHaveBeenCalledWith(entries[1]);
    // What is copied says of what kind an operator is, and where it has which index.
    const write = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue();
    await page.getByRole('button', { name: 'Copy as CSV' }).click();
    expect(write.mock.calls[0]![0].split(/\r?\n/).slice(0, 3)).toEqual([
      'Operator,Left,Right,Change,What,Name',
      'ADD,0,1,T other type,float32 → int8,sum',
      'RELU,1,,− removed,,act',
    ]);
    write.mockRestore();
  });
});

describe('the minimap', () => {
  it('takes the colours of the figures, of each node on its own, and those of the categories again', async () => {
    const layout: LayoutClient = layoutClient();
    const frame = document.createElement('div');
    frame.style.cssText = 'width:900px;height:600px';
    document.body.replaceChildren(frame);
    const drawn = scopedGraph(chainGraph(6));
    const base = {
      ...{ graph: drawn, layoutClient: layout, selection: null, folded: true, label: 'colours' },
      ...{ onselect: () => undefined, onfoldedchange: () => undefined },
    };
    const { rerender } = await render(GraphView, { target: frame, props: base });
    const minimap = () => frame.querySelector<HTMLCanvasElement>('.minimap canvas');
    /** Colours along the middle from top to bottom, each once for a node: three pixels and more, no blended edge. */
    const colours = (): string[] => {
      const canvas = minimap();
      if (!canvas) return [];
      const context = canvas.getContext('2d')!;
      const { data } = context.getImageData(Math.floor(canvas.width / 2), 0, 1, canvas.height);
      const found: string[] = [];
      let [last, run] = ['', 0];
      for (let i = 0; i < data.length; i += 4) {
        const color = [...data.subarray(i, i + 4)].join(' ');
        run = color === last ? run + 1 : 1;
        last = color;
        if (run === 3 && data[i + 3]! > 0) found.push(color);
      }
      return found;
    };
    await expect.poll(() => colours().length, { timeout: 10_000 }).toBe(6);
    const before = colours();
    expect(new Set(before).size).toBe(1);
    const values = new Map([0, 1, 2, 3, 4].map((operator) => [operator, 10 ** operator]));
    const overlay: Overlay = {
      ...{ title: 'Figure', values, scale: rampFor(values.values()), join: 'sum', format: String },
    };
    await rerender({ ...base, overlay });
    // Five figures, and one operator without.
    await expect.poll(() => new Set(colours()).size).toBe(6);
    await rerender({ ...base, overlay: null });
    await expect.poll(colours).toEqual(before);
    layout.dispose();
  });
});

const graph = {
  nodes: [
    { kind: 'operator', index: 0 },
    { kind: 'group', index: 0 },
  ],
  nodeOfOperator: Int32Array.of(0, 1, 1, 1),
  // Operator 3 is folded into 2.
  whole: {
    nodes: [0, 1, 2].map((index) => ({ kind: 'operator', index })),
    nodeOfOperator: Int32Array.of(0, 1, 2, 2),
  },
  shownBy: Int32Array.of(0, 1, 1),
  frames: new Int32Array(),
} as unknown as DrawnGraph;

describe('figures as colours', () => {
  it('adds up the operators of a collapsed group', () => {
    const heat = heatOf(graph, figureOverlay('bytes', metrics));
    expect([...heat.values]).toEqual([1024, 3072]);
    expect(heat.texts).toEqual(['1.00\u00a0KiB', '3.00\u00a0KiB']);
  });

  const entry = (operator: number, changes: DiffEntry['changes'], detail = ''): DiffEntry => ({
    ...{ before: operator, after: operator, kind: 'ADD', name: '', changes, detail },
  });
  const diffOf = (entries: readonly DiffEntry[]): GraphDiff => ({
    partnerOfBefore: Int32Array.of(0, 1, 2, 3),
    partnerOfAfter: Int32Array.of(0, 1, 2, 3),
    entries,
    unchanged: 4 - entries.length,
    isMapped: true,
  });
  const heatOfChanges = (...entries: DiffEntry[]) => heatOf(graph, changeOverlay(diffOf(entries), 'after'));

  it('tells a group with a change from one without, by its most telling change and how many cards have one', () => {
    const heat = heatOfChanges(entry(1, ['bytes'], '8 B → 2 B'));
    expect(heat.texts).toEqual(['=', 'B 1 changed']);
    expect(heat.signs).toEqual(['=', 'B']);
    expect([...heat.values]).toEqual([changes.length, changes.indexOf('bytes')]);
    const both = heatOfChanges(entry(1, ['bytes']), entry(2, ['retyped', 'bytes']));
    expect(both.texts[1]).toBe('TB 2 changed');
    expect(both.values[1]).toBe(changes.indexOf('retyped'));
    expect(heatOfChanges().texts).toEqual(['=', '=']);
  });

  it('counts what is folded into a card with it, behind its own change', () => {
    const removed = { ...entry(3, ['removed']), kind: 'DEQUANTIZE' };
    const own = heatOfChanges(entry(2, ['bytes'], '8 B → 2 B'), removed);
    expect(own.texts[1]).toBe('B− 1 changed');
    expect(own.values[1]).toBe(changes.indexOf('bytes'));
    const cards = heatOf(graph.whole, changeOverlay(diffOf([removed]), 'before'));
    expect(cards.texts).toEqual(['=', '=', '− DEQUANTIZE']);
    expect(cards.values[2]).toBe(changes.indexOf('removed'));
  });

  it('gives a group of several types no colour of one, and says how many have each', () => {
    const theme = readTheme(document.documentElement);
    const mixed = figureOverlay('dtype', {
      ...metrics,
      dtypeOf: Int32Array.of(0, 0, 1, 1),
      dtypes: ['int8', 'float32'],
    });
    const heat = heatOf(graph, mixed);
    expect(heat.texts).toEqual(['int8', 'int8 1, float32 1']);
    expect(heatColor(heat, 1, theme)).toBeNull();
    const alike = figureOverlay('dtype', { ...metrics, dtypeOf: Int32Array.of(0, 1, 1, -1) });
    expect(heatOf(graph, alike).texts[1]).toBe('float32');
    expect(heatColor(heatOf(graph, alike), 1, theme)).not.toBeNull();
  });

  it('takes the logarithm where figures span decades', () => {
    expect(rampFor([1, 99])).toMatchObject({ isLog: false, none: 0, full: 99 });
    expect(rampFor([0, 2, 2000])).toMatchObject({ isLog: true, none: 2, full: 2000 });
    expect(rampFor([])).toMatchObject({ isLog: false, full: 1 });
  });

  it('honours the thresholds of a file, the first that is not exceeded', () => {
    const theme = readTheme(document.documentElement);
    const set = {
      name: 'x',
      results: new Map([
        ['layer_0', 1],
        ['layer_1', 5],
        ['2', 99],
      ]),
      thresholds: [
        { value: 1, color: '#00ff00' },
        { value: 10, color: '#ff0000' },
      ],
      gradient: [],
    };
    const { values, scale } = dataOverlay(set, metrics.outputNames);
    const colors = [0, 1, 2].map((operator) => scaleColor(scale, values.get(operator)!, theme));
    // Above the last there is none.
    expect(colors).toEqual(['#00ff00', '#ff0000', theme.panel]);
  });

  it('honours the gradient of a file before its thresholds, with colours by name, over all its figures', () => {
    const theme = readTheme(document.documentElement);
    const set = {
      name: 'x',
      results: new Map([
        ['layer_0', 0],
        ['layer_1', 5],
        ['of another graph', 10],
      ]),
      thresholds: [{ value: 10, color: '#0000ff' }],
      gradient: [
        { stop: 0, color: 'black' },
        { stop: 0.5, color: 'no colour' },
        { stop: 1, color: 'white' },
      ],
    };
    const { values, scale } = dataOverlay(set, metrics.outputNames);
    const colors = [0, 1].map((operator) => scaleColor(scale, values.get(operator)!, theme));
    expect(colors).toEqual(['#000000', 'rgb(128, 128, 128)']);
  });

  it('exports thresholds that reach the greatest figure', () => {
    const theme = readTheme(document.documentElement);
    const values = new Map([20, 60, Infinity].map((db, operator) => [operator, db]));
    const scale = { kind: 'diverging', bad: 10, good: 45 } as const;
    const { thresholds } = exportColors({ scale, values }, theme);
    expect(thresholds).toHaveLength(8);
    expect(thresholds.at(-1)).toMatchObject({ value: 60 });
    expect(thresholds.every(({ color }) => /^#[0-9a-f]{6}$/.test(color))).toBe(true);
  });

  it.each(['light', 'dark'])('keeps words readable on every colour in the %s scheme', (scheme) => {
    document.documentElement.dataset.theme = scheme;
    const theme = readTheme(document.documentElement);
    const heat = heatOf(graph, figureOverlay('bytes', metrics));
    const grounds = ['#000000', '#ffffff', '#ff0000', '#ffff00', '#0000ff'].map((color) =>
      tint(color, theme),
    );
    for (const ground of [...grounds, heatColor(heat, 0, theme)!, heatColor(heat, 1, theme)!]) {
      expect(contrast(ground, theme.ink)).toBeGreaterThanOrEqual(4.5);
    }
    document.documentElement.dataset.theme = 'light';
  });
});
