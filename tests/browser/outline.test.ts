import '../../src/app.css';
import { page, userEvent } from 'vitest/browser';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { groupsOf } from '../../src/core/graph/groups';
import { outlineRows } from '../../src/core/graph/outline';
import type { ViewGraph } from '../../src/core/graph/types';
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

async function show(graph: ViewGraph, subgraphs: readonly string[] = []) {
  const frame = document.createElement('div');
  frame.style.cssText = 'width:280px;height:600px';
  document.body.replaceChildren(frame);
  const oninspect = vi.fn();
  const onsubgraph = vi.fn();
  const base = { graph, subgraphs, oninspect, onsubgraph };
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
  (tree.element() as HTMLElement).focus();
  return { oninspect, onsubgraph, select: onselect, selected: () => chosen };
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
