/** The graph view on a real canvas. One file, because all of it drives one mounted view by pointer, keys and pixels. */
import '../../src/app.css';
import { page, userEvent } from 'vitest/browser';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { layoutGraph } from '../../src/core/graph/layout/layout';
import type { Hit } from '../../src/core/graph/search';
import type { ViewGraph, ViewNode } from '../../src/core/graph/types';
import { layoutClient, type LayoutClient } from '../../src/rpc/layout';
import GraphView from '../../src/views/graph/GraphView.svelte';
import Outline from '../../src/views/graph/Outline.svelte';
import SearchBox from '../../src/views/graph/SearchBox.svelte';
import type { TensorFacts } from '../../src/views/graph/hover';
import type { Selection } from '../../src/views/graph/selection';
import { blockGraph, scopedGraph } from '../bench/graph-models';

function node(part: Partial<ViewNode>): ViewNode {
  return {
    kind: 'operator',
    index: 0,
    title: 'CONV_2D',
    name: '',
    category: 'convolution',
    activation: null,
    rows: [],
    cost: null,
    folded: [],
    tensor: null,
    macs: 0,
    sizeBytes: 0,
    bodies: [],
    ...part,
  };
}

/** input -> CONV_2D -> (MAX_POOL_2D, RELU) -> ADD -> output. */
function diamond(): ViewGraph {
  const rows = [
    { label: 'filter', text: '8×3×3×3', dtype: 'int8·ch', tensor: 20 },
    { label: 'bias', text: '8', dtype: 'int32', tensor: 21 },
  ];
  return {
    subgraph: 0,
    nodes: [
      node({ kind: 'input', title: 'image', name: 'image', category: 'other', tensor: 0 }),
      node({ index: 0, name: 'conv', rows, activation: 'RELU6', cost: '0.88 M', tensor: 1 }),
      node({ index: 1, name: 'pool', title: 'MAX_POOL_2D', category: 'pooling', tensor: 2 }),
      node({ index: 2, name: 'relu', title: 'RELU', category: 'activation', tensor: 3 }),
      node({ index: 3, name: 'sum', title: 'ADD', category: 'arithmetic', tensor: 4 }),
      node({ kind: 'output', title: 'sum', name: 'sum', category: 'other', tensor: 4 }),
    ],
    nodeOfOperator: Int32Array.of(1, 2, 3, 4),
    edgeFrom: Int32Array.of(0, 1, 1, 2, 3, 4),
    edgeTo: Int32Array.of(1, 2, 3, 4, 4, 5),
    edgeTensor: Int32Array.of(0, 1, 1, 2, 3, 4),
    edgePort: new Int32Array(6),
    edgeLabel: ['1×128×128×3 f32', ...Array.from({ length: 5 }, () => '1×64×64×8 int8')],
    notices: [],
  };
}

let client: LayoutClient;
beforeEach(async () => {
  client = layoutClient();
  await page.viewport(900, 700);
  document.body.style.cssText = 'margin:0';
});
afterEach(() => {
  client.dispose();
  document.documentElement.dataset.theme = 'light';
});

/** Mounts the view in a frame of 800 by 600 and keeps what it reports. */
async function mountGraph(
  graph: ViewGraph | null,
  part: Partial<{ layoutClient: Pick<LayoutClient, 'layout'>; tensorFacts: TensorFacts }> = {},
) {
  const frame = document.createElement('div');
  frame.style.cssText = 'width:800px;height:600px';
  document.body.replaceChildren(frame);
  const selections: (Selection | null)[] = [];
  const foldings: boolean[] = [];
  const props = {
    graph,
    layoutClient: client,
    selection: null as Selection | null,
    folded: true,
    onfoldedchange: (folded: boolean) => foldings.push(folded),
    label: `diamond ${Math.random()}`,
    ...part,
    onselect: (selection: Selection | null): void => {
      selections.push(selection);
      void mounted.rerender({ selection });
    },
  };
  const mounted = await render(GraphView, { target: frame, props });
  const canvas = frame.querySelector('canvas')!;
  return { mounted, canvas, selections, foldings, frame };
}

/** Pixels of the canvas as they stand after the next two frames. */
async function pixels(canvas: HTMLCanvasElement): Promise<Uint8ClampedArray> {
  for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
  return canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data;
}

async function isDrawn(canvas: HTMLCanvasElement): Promise<void> {
  await expect
    .poll(async () => (await pixels(canvas)).some((value) => value !== 0), { timeout: 10_000 })
    .toBe(true);
}

/** Drawn as laid out, and not for the moment while the layout takes long. */
async function isLaidOut(canvas: HTMLCanvasElement): Promise<void> {
  await isDrawn(canvas);
  await expect.poll(() => canvas.parentElement!.textContent).not.toContain('Laying out');
}

const isSame = (a: Uint8ClampedArray, b: Uint8ClampedArray) => a.every((value, i) => value === b[i]);

/** Number of pixels of a colour given as #rrggbb. */
function countColor(data: Uint8ClampedArray, color: string): number {
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16));
  let count = 0;
  for (let i = 0; i < data.length; i += 4)
    if (data[i] === r && data[i + 1] === g && data[i + 2] === b) count++;
  return count;
}

/** Where the layout puts node v on the canvas when the whole graph is centred at zoom 1. */
function placeOf(canvas: HTMLCanvasElement, graph: ViewGraph, v: number): { x: number; y: number } {
  // Same sizes as measured in the page are not needed: only the rank order and the symmetry of the diamond.
  const layout = layoutGraph({
    direction: 'down',
    widths: new Float64Array(6).fill(200),
    heights: Float64Array.of(30, 86, 32, 32, 32, 30),
    edgeFrom: graph.edgeFrom,
    edgeTo: graph.edgeTo,
    edgePort: graph.edgePort,
    labelWidths: Float64Array.of(90, 90, 0, 90, 90, 90),
  });
  return {
    x: canvas.clientWidth / 2 + layout.x[v]! - layout.width / 2,
    y: canvas.clientHeight / 2 + layout.y[v]! - layout.height / 2,
  };
}

describe('GraphView', () => {
  it('draws cards and selects by click: an operator, a constant, a tensor, nothing', async () => {
    const graph = diamond();
    const { canvas, selections } = await mountGraph(graph);
    await isLaidOut(canvas);
    const conv = placeOf(canvas, graph, 1);
    const click = (x: number, y: number) => userEvent.click(canvas, { position: { x, y } });
    await click(conv.x, conv.y - 30);
    await click(conv.x, conv.y - 2);
    const pool = placeOf(canvas, graph, 2);
    await click(pool.x, pool.y);
    await click(5, 5);
    expect(selections).toEqual([
      { kind: 'operator', index: 0 },
      { kind: 'tensor', index: 20 },
      { kind: 'operator', index: 1 },
      null,
    ]);
  });

  it('rings the selected operator in the accent', async () => {
    const { canvas, mounted } = await mountGraph(diamond());
    await isLaidOut(canvas);
    const accent = getComputedStyle(document.documentElement).getPropertyValue('--accent').trim();
    expect(countColor(await pixels(canvas), accent)).toBe(0);
    await mounted.rerender({ selection: { kind: 'operator', index: 3 } });
    expect(countColor(await pixels(canvas), accent)).toBeGreaterThan(100);
  });

  it('walks with the arrow keys and zooms with plus, minus and F', async () => {
    const { canvas, selections } = await mountGraph(diamond());
    await isLaidOut(canvas);
    canvas.focus();
    await userEvent.keyboard('{ArrowDown}{ArrowDown}{ArrowDown}{ArrowRight}{ArrowDown}{ArrowUp}{Escape}');
    expect(selections.map((s) => s && `${s.kind} ${s.index}`)).toEqual([
      'tensor 0',
      'operator 0',
      'operator 1',
      'operator 2',
      'operator 3',
      'operator 2',
      null,
    ]);
    const zoom = () => page.getByTitle('Actual size').element().textContent.trim();
    const before = zoom();
    await userEvent.keyboard('-');
    await expect.poll(zoom).not.toBe(before);
    await userEvent.keyboard('f');
    await expect.poll(zoom).toBe(before);
  });

  it('ends a fit at the fit though a variant comes on the way', async () => {
    const { canvas, mounted } = await mountGraph(diamond());
    await isLaidOut(canvas);
    canvas.focus();
    const zoom = () => Number.parseInt(page.getByTitle('Actual size').element().textContent);
    const before = zoom();
    for (let round = 0; round < 4; round++) {
      await userEvent.keyboard('-');
      await expect.poll(zoom).toBe(Math.round(before * 0.8));
      await userEvent.keyboard('f');
      await mounted.rerender({ graph: diamond() });
      await expect.poll(zoom).toBe(before);
    }
  });

  it('zooms by every press, however fast they follow', async () => {
    const { canvas } = await mountGraph(diamond());
    await isLaidOut(canvas);
    canvas.focus();
    const zoom = () => Number.parseInt(page.getByTitle('Actual size').element().textContent);
    for (let press = 0; press < 3; press++) {
      canvas.dispatchEvent(new KeyboardEvent('keydown', { key: '+', bubbles: true }));
    }
    await expect.poll(zoom).toBe(Math.round(100 * 1.25 ** 3));
  });

  it('repaints in the colours of the other scheme', async () => {
    const { canvas } = await mountGraph(diamond());
    await isLaidOut(canvas);
    const panel = () => getComputedStyle(document.documentElement).getPropertyValue('--panel').trim();
    expect(countColor(await pixels(canvas), panel())).toBeGreaterThan(1000);
    document.documentElement.dataset.theme = 'dark';
    await expect.poll(async () => countColor(await pixels(canvas), panel())).toBeGreaterThan(1000);
  });

  it('offers to cancel a long layout and to try again', async () => {
    let calls = 0;
    const slow: Pick<LayoutClient, 'layout'> = {
      layout: (request, signal) =>
        ++calls > 1
          ? client.layout(request, signal)
          : new Promise((_, reject) => {
              signal?.addEventListener('abort', () => reject(new DOMException('stopped', 'AbortError')));
            }),
    };
    const { canvas } = await mountGraph(diamond(), { layoutClient: slow });
    await page.getByRole('button', { name: 'Cancel' }).click();
    await expect.element(page.getByText('The layout was cancelled.')).toBeVisible();
    await page.getByRole('button', { name: 'Lay out again' }).click();
    await isDrawn(canvas);
    expect(calls).toBe(2);
  });

  it('shows a picture of the moment while a layout takes long, and fits the real one if that was fitted', async () => {
    const late: Pick<LayoutClient, 'layout'> = {
      layout: async (request, signal) => {
        await new Promise((resolve) => setTimeout(resolve, 900));
        return client.layout(request, signal);
      },
    };
    const { canvas } = await mountGraph(scopedGraph(blockGraph(200)), { layoutClient: late });
    await expect.element(page.getByText('Laying out 200 operators')).toBeVisible();
    await isDrawn(canvas);
    canvas.focus();
    await userEvent.keyboard('f');
    const zoom = () => page.getByTitle('Actual size').element().textContent.trim();
    const message = page.getByText('Laying out 200 operators');
    await expect.poll(() => message.query()).toBeNull();
    await new Promise((resolve) => setTimeout(resolve, 400));
    const settled = zoom();
    await userEvent.keyboard('f');
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(zoom()).toBe(settled);
  });

  it('asks for all operators, names what could not be drawn, and describes itself', async () => {
    const graph = { ...diamond(), notices: ['2 operands are read but never written; they have no edge.'] };
    const { canvas, foldings, mounted, frame } = await mountGraph(graph);
    await isLaidOut(canvas);
    await page.getByRole('button', { name: 'All' }).click();
    expect(foldings).toEqual([false]);
    await expect.element(page.getByText('never written')).toBeVisible();
    await page.getByRole('button', { name: 'Hide' }).click();
    expect(frame.textContent).not.toContain('never written');
    expect(canvas.getAttribute('aria-label')).toContain('4 operators');
    await mounted.rerender({ selection: { kind: 'operator', index: 0 } });
    expect(frame.textContent).toContain('CONV_2D, RELU6, operator 0, conv, 1 in, 2 out');
  });

  it('keeps its place on the node in the middle when a variant comes', async () => {
    const graph = diamond();
    const { canvas, selections, mounted } = await mountGraph(graph);
    await isLaidOut(canvas);
    const longer: ViewGraph = {
      ...graph,
      nodes: [...graph.nodes, node({ index: 4, name: 'quantized', title: 'QUANTIZE', tensor: 9 })],
      nodeOfOperator: Int32Array.of(1, 2, 3, 4, 6),
      edgeFrom: Int32Array.of(0, 6, 1, 1, 2, 3, 4),
      edgeTo: Int32Array.of(6, 1, 2, 3, 4, 4, 5),
      edgeTensor: Int32Array.of(0, 9, 1, 1, 2, 3, 4),
      edgePort: new Int32Array(7),
      edgeLabel: [...graph.edgeLabel, '1×128×128×3 int8'],
    };
    const { x, y } = placeOf(canvas, graph, 1);
    const before = await pixels(canvas);
    await mounted.rerender({ graph: longer });
    await expect.poll(async () => isSame(await pixels(canvas), before)).toBe(false);
    await userEvent.click(canvas, { position: { x, y: y - 2 } });
    expect(selections.at(-1)).toEqual({ kind: 'tensor', index: 20 });
  });

  it('fits again when a graph that was in view whole is given another canvas', async () => {
    const { canvas, frame } = await mountGraph(diamond());
    await isLaidOut(canvas);
    const zoom = () => Number.parseInt(page.getByTitle('Actual size').element().textContent);
    const before = zoom();
    frame.style.height = '240px';
    await expect.poll(zoom).toBeLessThan(before);
    frame.style.height = '600px';
    await expect.poll(zoom).toBe(before);
  });

  it('keeps its middle, and the selection in view, when the canvas narrows', async () => {
    const graph = diamond();
    const { canvas, frame, mounted, selections } = await mountGraph(graph);
    await isLaidOut(canvas);
    canvas.focus();
    await userEvent.keyboard('++++');
    await new Promise((resolve) => setTimeout(resolve, 300));
    await mounted.rerender({ selection: { kind: 'operator', index: 3 } });
    await new Promise((resolve) => setTimeout(resolve, 300));
    const accent = getComputedStyle(document.documentElement).getPropertyValue('--accent').trim();
    const ringed = async () => countColor(await pixels(canvas), accent);
    expect(await ringed()).toBeGreaterThan(100);
    frame.style.width = '500px';
    await expect.poll(() => canvas.width).toBeLessThan(800);
    expect(await ringed()).toBeGreaterThan(100);
    await userEvent.keyboard('{ArrowUp}');
    expect(selections).toHaveLength(1);
  });

  it('says at the pointer what a tensor is and how its numbers are stored', async () => {
    const graph = diamond();
    const tensorFacts = vi.fn((tensor: number) =>
      Promise.resolve({ name: `tensor ${tensor}`, formula: '0.5 * (q + 3)' }),
    );
    const { canvas } = await mountGraph(graph, { tensorFacts });
    await isLaidOut(canvas);
    const conv = placeOf(canvas, graph, 1);
    const tip = page.getByRole('tooltip');
    await userEvent.hover(canvas, { position: { x: conv.x, y: conv.y - 30 } });
    await expect.element(tip).toHaveTextContent('0: CONV_2D + RELU6 conv');
    expect(tensorFacts).not.toHaveBeenCalled();
    await userEvent.hover(canvas, { position: { x: conv.x, y: conv.y - 2 } });
    await expect.element(tip).toHaveTextContent('filter 8×3×3×3 int8·ch tensor 20 0.5 * (q + 3)');
    await userEvent.hover(canvas, { position: { x: 5, y: 5 } });
    await expect.poll(() => tip.query()).toBeNull();
  });

  it('draws an empty graph as nothing', async () => {
    const empty: ViewGraph = {
      ...diamond(),
      nodes: [],
      nodeOfOperator: new Int32Array(0),
      edgeFrom: new Int32Array(0),
      edgeTo: new Int32Array(0),
      edgeTensor: new Int32Array(0),
      edgePort: new Int32Array(0),
      edgeLabel: [],
    };
    const { canvas } = await mountGraph(empty);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await pixels(canvas)).every((value) => value === 0)).toBe(true);
  });
});

/** input -> encoder (CONV_2D -> RELU) -> decoder (CONV_2D -> RELU) -> output. */
function scoped(): ViewGraph {
  return {
    subgraph: 0,
    nodes: [
      node({ kind: 'input', title: 'image', name: 'image', category: 'other', tensor: 0 }),
      node({ index: 0, name: 'encoder/conv', tensor: 1 }),
      node({ index: 1, name: 'encoder/relu', title: 'RELU', category: 'activation', tensor: 2 }),
      node({ index: 2, name: 'decoder/conv', tensor: 3 }),
      node({ index: 3, name: 'decoder/relu', title: 'RELU', category: 'activation', tensor: 4 }),
      node({ kind: 'output', title: 'result', name: 'result', category: 'other', tensor: 4 }),
    ],
    nodeOfOperator: Int32Array.of(1, 2, 3, 4),
    edgeFrom: Int32Array.of(0, 1, 2, 3, 4),
    edgeTo: Int32Array.of(1, 2, 3, 4, 5),
    edgeTensor: Int32Array.of(0, 1, 2, 3, 4),
    edgePort: new Int32Array(5),
    edgeLabel: Array.from({ length: 5 }, () => '1×64×64×8 int8'),
    notices: [],
  };
}

describe('groups', () => {
  const live = (frame: Element) => frame.querySelector('[aria-live]')!.textContent;

  it('are opened, closed and walked with the keys, and announced', async () => {
    const { canvas, frame, selections } = await mountGraph(scoped());
    await isLaidOut(canvas);
    canvas.focus();
    await userEvent.keyboard('{Shift>}C{/Shift}');
    await new Promise((resolve) => setTimeout(resolve, 400));
    await userEvent.keyboard('{ArrowDown}{ArrowDown}');
    await expect.poll(() => live(frame)).toBe('group encoder, 1 of 2, 2 operators, collapsed');
    await userEvent.keyboard('{ArrowDown}');
    await expect.poll(() => live(frame)).toBe('group decoder, 2 of 2, 2 operators, collapsed');
    await userEvent.keyboard('{Enter}');
    await expect.poll(() => live(frame)).toBe('group decoder, 2 of 2, 2 operators, expanded');
    await new Promise((resolve) => setTimeout(resolve, 400));
    await userEvent.keyboard('{ArrowDown}');
    expect(selections.at(-1)).toEqual({ kind: 'operator', index: 3 });
    await userEvent.keyboard('[[');
    await expect.poll(() => live(frame)).toBe('group decoder, 2 of 2, 2 operators, collapsed');
    await new Promise((resolve) => setTimeout(resolve, 400));
    await userEvent.keyboard(']');
    await expect.poll(() => live(frame)).toContain('expanded');
    await userEvent.keyboard('{Escape}');
    await expect.poll(() => live(frame)).toBe('');
  });

  it('open for what is selected elsewhere', async () => {
    const { canvas, frame, mounted } = await mountGraph(scoped());
    await isLaidOut(canvas);
    await page.getByRole('button', { name: 'Collapse' }).click();
    await new Promise((resolve) => setTimeout(resolve, 400));
    const accent = getComputedStyle(document.documentElement).getPropertyValue('--accent').trim();
    await mounted.rerender({ selection: { kind: 'operator', index: 2 } });
    await expect.poll(async () => countColor(await pixels(canvas), accent)).toBeGreaterThan(100);
    expect(live(frame)).toContain('CONV_2D, operator 2');
    await new Promise((resolve) => setTimeout(resolve, 400));
    canvas.focus();
    // The operator itself is in the picture now: the next one below is its neighbour in the group.
    await userEvent.keyboard('{ArrowDown}');
    await expect.poll(() => live(frame)).toContain('RELU, operator 3');
  });

  it('keep the corner of a title that is clicked where it is', async () => {
    const { canvas, frame } = await mountGraph(scoped());
    await isLaidOut(canvas);
    canvas.focus();
    await userEvent.keyboard('{ArrowDown}{ArrowDown}');
    await new Promise((resolve) => setTimeout(resolve, 300));
    /** Where the pointer first becomes one that clicks, coming from the left. */
    const leftOf = async (y: number): Promise<number> => {
      for (let x = 0; x < 800; x += 4) {
        canvas.dispatchEvent(new PointerEvent('pointermove', { clientX: x, clientY: y, bubbles: true }));
        if (canvas.style.cursor === 'pointer') return x;
      }
      return -1;
    };
    const topOf = async (): Promise<number> => {
      for (let y = 0; y < 600; y += 4) if ((await leftOf(y)) !== -1 && (await leftOf(y)) < 300) return y;
      return -1;
    };
    const y = (await topOf()) + 8;
    const x = await leftOf(y);
    await userEvent.click(canvas, { position: { x: x + 24, y } });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(Math.abs((await leftOf(y)) - x)).toBeLessThanOrEqual(4);
    await userEvent.keyboard('{Escape}');
    await userEvent.dblClick(canvas, { position: { x: x + 24, y: y + 10 } });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(Math.abs((await leftOf(y)) - x)).toBeLessThanOrEqual(4);
    expect(frame.textContent).toContain('Collapse');
  });

  it('are drawn the other way on request', async () => {
    const { canvas, selections } = await mountGraph(scoped());
    await isLaidOut(canvas);
    await page.getByRole('button', { name: 'To the right' }).click();
    await expect
      .element(page.getByRole('button', { name: 'To the right' }))
      .toHaveAttribute('aria-pressed', 'true');
    await new Promise((resolve) => setTimeout(resolve, 500));
    canvas.focus();
    await userEvent.keyboard('{ArrowRight}{ArrowRight}{ArrowRight}');
    expect(selections.at(-1)).toEqual({ kind: 'operator', index: 1 });
    await userEvent.keyboard('d');
    await expect.element(page.getByRole('button', { name: 'Down' })).toHaveAttribute('aria-pressed', 'true');
  });
});

describe('Outline', () => {
  it('lists operators, follows the selection and walks with the arrow keys', async () => {
    const selections: (Selection | null)[] = [];
    const mounted = await render(Outline, {
      graph: diamond(),
      selection: null as Selection | null,
      onselect: (selection: Selection | null): void => {
        selections.push(selection);
        void mounted.rerender({ selection });
      },
    });
    await expect.element(page.getByRole('treeitem', { name: 'MAX_POOL_2D' })).toBeInTheDocument();
    await page.getByRole('treeitem', { name: 'MAX_POOL_2D' }).click();
    (page.getByRole('tree').element() as HTMLElement).focus();
    await userEvent.keyboard('{ArrowDown}{End}{Home}');
    expect(selections.map((s) => s?.index)).toEqual([1, 2, 3, 0]);
    await expect.element(page.getByRole('treeitem', { selected: true })).toHaveTextContent('CONV_2D + RELU6');
  });
});

describe('SearchBox', () => {
  /** Answers as the worker does, in pages. */
  function answer(all: readonly Hit[], page = 200) {
    return (query: string, offset: number) => {
      const found = query === '' ? [] : all.filter(({ title }) => title.toLowerCase().includes(query));
      const groups = (['operator', 'tensor'] as const)
        .map((kind) => ({ kind, count: found.filter((hit) => hit.kind === kind).length }))
        .filter(({ count }) => count > 0);
      return {
        hits: found.slice(offset, offset + page),
        offset,
        total: found.length,
        groups,
        problem: query === '?' ? 'bytes needs a number such as bytes>100k.' : null,
      };
    };
  }
  const hit = (title: string, index: number, kind: Hit['kind'] = 'operator'): Hit => ({
    kind,
    index,
    title,
    detail: '',
  });

  it('shows hits as you type and picks with the keyboard', async () => {
    const picked: string[] = [];
    const all = [
      ...['CONV_2D', 'CONV_3D', 'ADD'].map((title, i) => hit(title, i)),
      hit('conv/x', 7, 'tensor'),
    ];
    await render(SearchBox, {
      hits: answer(all),
      onpick: ({ title }: Hit) => picked.push(title),
    });
    const field = page.getByRole('combobox');
    await field.click();
    await expect.element(page.getByText('dtype:int8 shape:1x28x28')).toBeVisible();
    await field.fill('conv');
    await expect.element(page.getByText('3 found')).toBeVisible();
    await expect.element(page.getByRole('group', { name: 'Operators' })).toHaveTextContent('CONV_2D');
    await expect.element(page.getByRole('group', { name: 'Tensors' })).toHaveTextContent('conv/x');
    await userEvent.keyboard('{ArrowDown}{Enter}');
    expect(picked).toEqual(['CONV_3D']);
    await field.fill('lstm');
    await expect.element(page.getByText(/Nothing found/)).toBeVisible();
    await field.fill('?');
    await expect.element(page.getByText('bytes needs a number')).toBeVisible();
    await expect.element(field).toHaveAttribute('aria-invalid', 'true');
  });

  it('walks through thousands of hits, of which few are in the document', async () => {
    const picked: number[] = [];
    const all = Array.from({ length: 20_000 }, (_, i) => hit(`ADD ${i}`, i));
    const ask = vi.fn(answer(all));
    const { container } = await render(SearchBox, {
      hits: ask,
      onpick: ({ index }: Hit) => picked.push(index),
    });
    await page.getByRole('combobox').fill('add');
    await expect.element(page.getByText('20,000 found')).toBeVisible();
    expect(container.querySelectorAll('[role=option]').length).toBeLessThan(60);
    container.querySelector('[role=listbox]')!.scrollTop = 12_345 * 27;
    await expect.element(page.getByRole('option', { name: 'ADD 12345' })).toBeVisible();
    await expect
      .element(page.getByRole('option', { name: 'ADD 12345' }))
      .toHaveAttribute('aria-posinset', '12346');
    await page.getByRole('option', { name: 'ADD 12345' }).click();
    expect(picked).toEqual([12_345]);
    expect(ask.mock.calls.length).toBeLessThan(8);
  });

  it('hands what follows > on as a command', async () => {
    const commands: string[] = [];
    await render(SearchBox, {
      hits: answer([]),
      onpick: () => undefined,
      oncommand: (text: string) => commands.push(text),
    });
    await page.getByRole('combobox').fill('>fit');
    expect(commands).toEqual(['fit']);
    await expect.element(page.getByRole('combobox')).toHaveValue('');
  });
});
