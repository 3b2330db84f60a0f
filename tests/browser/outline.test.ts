import '../../src/app.css';
import { page, userEvent } from 'vitest/browser';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { groupsOf } from '../../src/core/graph/groups';
import { outlineRows } from '../../src/core/graph/outline';
import type { ViewGraph } from '../../src/core/graph/types';
import { rampFor } from '../../src/views/graph/figure-overlays';
import { heatColor, heatOf, type Overlay } from '../../src/views/graph/overlay';
import { readTheme } from '../../src/views/graph/theme';
import Outline from '../../src/views/graph/Outline.svelte';
import { blockGraph, scopedGraph } from '../bench/graph-models';

const tree = page.getByRole('tree', { name: 'Operators' });
/** Rows in the document, from top to bottom. */
const items = () =>
  Array.from(document.querySelectorAll<HTMLElement>('[role=treeitem]')).sort(
    (a, b) => a.offsetTop - b.offsetTop,
  );
const activeItem = () =>
  document.getElementById(tree.element().getAttribute('aria-activedescendant') ?? 'none');

beforeEach(() => page.viewport(600, 700));

async function show(graph: ViewGraph, subgraphs: readonly string[] = [], overlay: Overlay | null = null) {
  const frame = document.createElement('div');
  frame.style.cssText = 'width:280px;height:600px';
  document.body.replaceChildren(frame);
  const oninspect = vi.fn();
  const onsubgraph = vi.fn();
  const base = { graph, subgraphs, overlay, oninspect, onsubgraph };
  const { rerender } = await render(Outline, {
    target: frame,
    props: { ...base, selection: null, onselect },
  });
  type Selection = Parameters<typeof onselect>[0];
  let chosen: Selection = null;
  function onselect(selection: { readonly kind: 'operator' | 'tensor'; readonly index: number } | null) {
    chosen = selection;
    void rerender({ ...base, selection, onselect });
  }
  const colour = (by: Overlay | null) => rerender({ ...base, overlay: by, selection: chosen, onselect });
  (tree.element() as HTMLElement).focus();
  return { oninspect, onsubgraph, select: onselect, selected: () => chosen, colour };
}

describe('Outline of 20,000 operators', () => {
  const graph = scopedGraph(blockGraph(20_000));
  const rows = outlineRows({
    ...{ graph, groups: groupsOf(graph), subgraphs: [], subgraph: 0, closed: new Set<string>() },
  });

  it('has a screenful of rows in the document, at both ends', async () => {
    const { selected } = await show(graph);
    await expect.poll(() => items().length).toBeGreaterThan(10);
    expect(items().length).toBeLessThanOrEqual(60);
    await userEvent.keyboard('{End}');
    await expect.poll(() => activeItem()?.offsetTop).toBe(27 * (rows.length - 1));
    expect(items().length).toBeLessThanOrEqual(60);
    expect(selected()?.index).toBe(19_999);
  });

  it('keeps the focus on the tree when a row is clicked, so that the keys go on', async () => {
    const { selected } = await show(graph);
    const row = () => items().find((item) => item.getAttribute('aria-expanded') === null)!;
    await expect.poll(() => items().length).toBeGreaterThan(10);
    await userEvent.click(row());
    expect(document.activeElement).toBe(tree.element());
    await userEvent.keyboard('{End}');
    await expect.poll(() => selected()?.index).toBe(19_999);
    expect(document.activeElement).toBe(tree.element());
    await userEvent.keyboard('{ArrowUp}');
    expect(selected()?.index).toBe(19_998);
  });

  it('opens the branches around what is selected elsewhere, and shows it', async () => {
    const { select } = await show(graph);
    select({ kind: 'operator', index: 12_345 });
    await expect.poll(() => activeItem()?.getAttribute('aria-selected')).toBe('true');
    expect(activeItem()!.textContent).toContain('12345');
  });
});

describe('Outline', () => {
  const graph = scopedGraph(blockGraph(100));
  const rows = outlineRows({
    ...{ graph, groups: groupsOf(graph), subgraphs: [], subgraph: 0, closed: new Set<string>() },
  });
  const firstGroup = rows.findIndex(({ kind }) => kind === 'group');

  it('tells levels, places and what is open', async () => {
    await show(graph);
    await expect.poll(() => items().length).toBeGreaterThan(10);
    items()
      .slice(0, 10)
      .forEach((item, at) => {
        const row = rows[at]!;
        expect(item.getAttribute('aria-level')).toBe(String(row.level));
        expect(item.getAttribute('aria-posinset')).toBe(String(row.position));
        expect(item.getAttribute('aria-setsize')).toBe(String(row.siblings));
        expect(item.getAttribute('aria-expanded')).toBe(row.kind === 'operator' ? null : 'true');
      });
  });

  it('walks, closes and opens by arrow keys', async () => {
    const { selected, oninspect } = await show(graph);
    for (let i = 0; i <= firstGroup; i++) await userEvent.keyboard('{ArrowDown}');
    await expect.poll(() => activeItem()?.getAttribute('aria-expanded')).toBe('true');
    await userEvent.keyboard('{ArrowLeft}');
    await expect.poll(() => activeItem()?.getAttribute('aria-expanded')).toBe('false');
    await userEvent.keyboard('{ArrowRight}');
    await expect.poll(() => activeItem()?.getAttribute('aria-expanded')).toBe('true');
    await userEvent.keyboard(' ');
    await expect.poll(() => activeItem()?.getAttribute('aria-expanded')).toBe('false');
    await userEvent.keyboard('{Enter}{ArrowRight}');
    await expect
      .poll(() => activeItem()?.getAttribute('aria-level'))
      .toBe(String(rows[firstGroup]!.level + 1));
    const firstOperator = rows.findIndex(({ kind }) => kind === 'operator');
    while (activeItem()?.hasAttribute('aria-expanded')) await userEvent.keyboard('{ArrowDown}');
    await expect.poll(() => selected()?.kind).toBe('operator');
    expect(firstOperator).toBeGreaterThanOrEqual(0);
    await userEvent.keyboard('{Enter}');
    expect(oninspect).toHaveBeenCalledOnce();
    await userEvent.keyboard('{ArrowLeft}');
    await expect.poll(() => activeItem()?.getAttribute('aria-expanded')).toBe('true');
  });

  it('goes to what begins with what is typed', async () => {
    const { selected } = await show(graph);
    const wanted = rows.find((row) => row.kind === 'operator')!;
    await userEvent.keyboard(wanted.text.slice(0, 5).toLowerCase());
    await expect.poll(() => activeItem()?.textContent).toContain(wanted.text);
    const first = selected();
    expect(first?.kind).toBe('operator');
    await userEvent.keyboard('{Escape}');
    await expect.poll(selected).toBeNull();
  });

  it('shows subgraphs as branches and asks for one that is opened', async () => {
    const { onsubgraph } = await show(graph, ['0: main', '1: body']);
    await userEvent.keyboard('{End}');
    await expect.poll(() => activeItem()?.textContent).toContain('1: body');
    await userEvent.keyboard('{ArrowRight}');
    expect(onsubgraph).toHaveBeenCalledWith(1);
  });
});

describe('Outline with an overlay', () => {
  const overlayOf = (values: ReadonlyMap<number, number>, title = 'Bytes of constants'): Overlay => ({
    ...{ title, values, scale: rampFor(values.values()), join: 'sum' },
    format: (value) => `${value} B`,
  });
  const figures = () =>
    items().map((item) => item.querySelector<HTMLElement>('.figure')?.textContent ?? null);
  const swatches = () =>
    items().map((item) => item.querySelector<HTMLElement>('.swatch')?.style.background ?? null);
  /** As the browser spells it. */
  const spelled = (color: string | null) => {
    const probe = document.createElement('i');
    probe.style.background = color ?? '';
    return probe.style.background;
  };

  it('shows the figure of each operator at the right, with its colour', async () => {
    const graph = scopedGraph(blockGraph(20));
    const rows = outlineRows({
      ...{ graph, groups: groupsOf(graph), subgraphs: [], subgraph: 0, closed: new Set<string>() },
    });
    const overlay = overlayOf(new Map(Array.from({ length: 20 }, (_, i) => [i, i * 100] as const).slice(1)));
    const { colour } = await show(graph, [], overlay);
    const operators = rows.map((row) => (row.kind === 'operator' ? row.node.index : null));
    await expect.poll(figures).toEqual(operators.map((index) => (index ? `${index * 100} B` : null)));
    const theme = readTheme(document.documentElement);
    const heat = heatOf(graph, overlay);
    expect(swatches()).toEqual(
      operators.map((index) => (index ? spelled(heatColor(heat, index, theme)) : null)),
    );
    expect(new Set(swatches()).size).toBeGreaterThan(10);
    const ends = items().flatMap((item) => {
      const [text, swatch] = ['.figure', '.swatch'].map((name) => item.querySelector(name));
      return text && swatch ? [[text.getBoundingClientRect(), swatch.getBoundingClientRect()] as const] : [];
    });
    expect(ends.length).toBeGreaterThan(10);
    for (const [text, swatch] of ends) {
      expect(text.right).toBeCloseTo(ends[0]![0].right, 0);
      expect(swatch.left).toBeGreaterThan(text.right);
    }
    const described = tree.element().getAttribute('aria-describedby');
    expect(document.getElementById(described!)?.textContent).toContain('Bytes of constants');

    // Another overlay, and none.
    await colour(overlayOf(new Map([[3, 7]]), 'MACs'));
    await expect.poll(figures).toEqual(operators.map((index) => (index === 3 ? '7 B' : null)));
    await colour(null);
    await expect.poll(() => swatches().every((swatch) => swatch === null)).toBe(true);
    expect(tree.element().hasAttribute('aria-describedby')).toBe(false);
  });

  it('adds the figures of what is folded into an operator', async () => {
    const plain = scopedGraph(blockGraph(4));
    const graph: ViewGraph = {
      ...plain,
      nodes: plain.nodes.filter(({ index }) => index !== 1),
      nodeOfOperator: Int32Array.of(0, 0, 1, 2),
      ...{ edgeFrom: new Int32Array(), edgeTo: new Int32Array(), edgeTensor: new Int32Array() },
      ...{ edgePort: new Int32Array(), edgeLabel: [] },
    };
    const values = new Map(Object.entries({ 0: 10, 1: 5, 3: 1 }).map(([key, value]) => [Number(key), value]));
    await show(graph, [], overlayOf(values));
    await expect.poll(() => figures().filter((figure) => figure !== null)).toEqual(['15 B', '1 B']);
  });

  it('of 20,000 operators keeps a screenful of rows in the document', async () => {
    const graph = scopedGraph(blockGraph(20_000));
    const values = new Map(Array.from({ length: 20_000 }, (_, i) => [i, i + 1] as const));
    await show(graph, [], overlayOf(values));
    await expect.poll(() => figures().filter((figure) => figure !== null).length).toBeGreaterThan(10);
    await userEvent.keyboard('{End}');
    await expect.poll(() => figures().at(-1)).toBe('20000 B');
    expect(items().length).toBeLessThanOrEqual(60);
  });
});
