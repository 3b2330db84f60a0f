import '../../src/app.css';
import { page } from 'vitest/browser';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { render } from 'vitest-browser-svelte';
import type { ViewGraph, ViewNode } from '../../src/core/graph/types';
import { layoutClient, type LayoutClient } from '../../src/rpc/layout';
import type { GraphCanvas } from '../../src/views/graph/graph-canvas';
import type { LinkedPicture } from '../../src/views/graph/picture-link';
import GraphView from '../../src/views/graph/GraphView.svelte';
import { nodeBox } from '../../src/views/graph/scene';
import type { Selection } from '../../src/views/graph/selection';
import { buildViewGraph } from '../../src/core/graph/build';
import { sketchModel } from '../unit/graph/models';

let client: LayoutClient;
beforeEach(async () => {
  client = layoutClient();
  await page.viewport(900, 700);
});
afterEach(() => client.dispose());

const COUNT = 60;

function chain(): ViewGraph {
  const nodes = Array.from({ length: COUNT }, (_, index): ViewNode => ({
    ...{ kind: 'operator', index, title: `OP ${index}`, name: `op_${index}`, category: 'convolution' },
    ...{
      activation: null,
      rows: [],
      cost: null,
      folded: [],
      tensor: index,
      macs: 0,
      sizeBytes: 0,
      bodies: [],
    },
  }));
  const from = nodes.slice(1).map((_, i) => i);
  return {
    subgraph: 0,
    nodes,
    nodeOfOperator: Int32Array.from(nodes.keys()),
    edgeFrom: Int32Array.from(from),
    edgeTo: Int32Array.from(from, (i) => i + 1),
    edgeTensor: Int32Array.from(from),
    edgePort: new Int32Array(from.length),
    edgeLabel: from.map(() => '1×8 f32'),
    notices: [],
  };
}

async function show(selected: number | null, label: string): Promise<HTMLCanvasElement> {
  const frame = document.createElement('div');
  frame.style.cssText = 'width:800px;height:600px';
  document.body.replaceChildren(frame);
  await render(GraphView, {
    target: frame,
    props: {
      ...{ graph: chain(), layoutClient: client, folded: true, label },
      selection: selected === null ? null : ({ kind: 'operator', index: selected } as const),
      onfoldedchange: () => undefined,
      onselect: () => undefined,
    },
  });
  return frame.querySelector('canvas')!;
}

/** Whether the ring of a selected operator is on the canvas. */
async function hasRing(canvas: HTMLCanvasElement): Promise<boolean> {
  for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
  const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
  for (let i = 0; i < data.length; i += 4) {
    if (data[i] === 0xaa && data[i + 1] === 0x4e && data[i + 2] === 0x07) return true;
  }
  return false;
}

it('opens with what is selected in view, the first time and when it comes back', async () => {
  const label = `chain ${Math.random()}`;
  const first = await show(COUNT - 2, `${label} other`);
  await expect.poll(() => hasRing(first), { timeout: 10_000 }).toBe(true);

  // Looked at from its top, then left; the selection was made elsewhere.
  const top = await show(0, label);
  await expect.poll(() => hasRing(top), { timeout: 10_000 }).toBe(true);
  const back = await show(COUNT - 2, label);
  await expect.poll(() => hasRing(back), { timeout: 10_000 }).toBe(true);
});

describe('a tensor that only a folded operator makes or reads', () => {
  const integer = { type: 'INT8' as const, scales: 1 };
  /** image -> QUANTIZE -> CONV_2D, whose filter is float16 behind a DEQUANTIZE that MUL reads too -> out. */
  const model = sketchModel({
    tensors: [
      { name: 'image' },
      { name: 'half', type: 'FLOAT16', bytes: 8 },
      { name: 'filter' },
      { ...integer, name: 'image_q' },
      { name: 'conv' },
      { name: 'relu' },
      { name: 'out' },
    ],
    operators: [
      { kind: 'QUANTIZE', inputs: [0], outputs: [3] },
      { kind: 'DEQUANTIZE', inputs: [1], outputs: [2] },
      { kind: 'CONV_2D', inputs: [3, 2], outputs: [4] },
      { kind: 'RELU', inputs: [4], outputs: [5] },
      { kind: 'MUL', inputs: [5, 2], outputs: [6] },
    ],
    inputs: [0],
    outputs: [6],
  });

  async function open(folded = true) {
    const frame = document.createElement('div');
    frame.style.cssText = 'width:800px;height:600px';
    document.body.replaceChildren(frame);
    const shown: { canvas: GraphCanvas | null } = { canvas: null };
    const base = {
      ...{ graph: buildViewGraph(model, 0, { folded }), layoutClient: client, folded },
      label: `folded ${Math.random()}`,
      link: {
        attach: (picture: LinkedPicture | null) => (shown.canvas = picture?.canvas ?? null),
        moved: () => undefined,
        drew: () => undefined,
        toggled: () => undefined,
      },
      onfoldedchange: () => undefined,
      onselect: () => undefined,
    };
    const { rerender } = await render(GraphView, { target: frame, props: { ...base, selection: null } });
    await expect.poll(() => shown.canvas?.picture ?? null, { timeout: 10_000 }).not.toBeNull();
    return {
      canvas: shown.canvas!,
      select: (selection: Selection | null) => rerender({ ...base, selection }),
      said: () => document.querySelector('p[aria-live]')!.textContent,
    };
  }

  /** Titles of the nodes whose frame has the colour of a selection. */
  async function ringed(canvas: GraphCanvas): Promise<string[]> {
    for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
    const { scene, inView } = canvas.picture!;
    const context = document.querySelector('canvas')!.getContext('2d')!;
    const { view } = inView;
    return scene.graph.nodes.flatMap(({ title }, v) => {
      const { right, top, bottom } = nodeBox(scene, v);
      // Halfway down at the right, where no line ends.
      const [x, y] = [right * view.k + view.x, ((top + bottom) / 2) * view.k + view.y].map(
        (at) => at * devicePixelRatio,
      );
      const { data } = context.getImageData(Math.round(x!) - 2, Math.round(y!), 8, 1);
      const isAccent = Array.from({ length: 8 }, (_, pixel) => 4 * pixel).some(
        (i) => data[i] === 0xaa && data[i + 1] === 0x4e && data[i + 2] === 0x07,
      );
      return isAccent ? [title] : [];
    });
  }
  const rings = (canvas: GraphCanvas) => expect.poll(() => ringed(canvas), { timeout: 10_000 });

  it('marks the cards of the operators that it serves', async () => {
    const { canvas, select, said } = await open();
    await rings(canvas).toEqual([]);
    await select({ kind: 'tensor', index: 3 });
    await rings(canvas).toEqual(['CONV_2D']);
    expect(said()).toBe('tensor 3, at CONV_2D, operator 2');
    for (const index of [1, 2]) {
      await select({ kind: 'tensor', index });
      await rings(canvas).toEqual(['CONV_2D', 'MUL']);
      expect(said()).toBe(`tensor ${index}, at 2 operators`);
    }
    await select({ kind: 'tensor', index: 4 });
    await rings(canvas).toEqual([]);
    await select({ kind: 'operator', index: 3 });
    await rings(canvas).toEqual(['RELU']);
  });

  it('is marked in every size of the picture', async () => {
    const { canvas, select } = await open();
    await select({ kind: 'tensor', index: 3 });
    for (const k of [1, 0.3, 0.1]) {
      canvas.moveTo({ k, x: 200, y: 20 });
      expect(canvas.picture!.inView.view.k).toBe(k);
      await rings(canvas).toEqual(['CONV_2D']);
    }
  });

  it('has an edge of its own where nothing is folded', async () => {
    const { canvas, select, said } = await open(false);
    await select({ kind: 'tensor', index: 3 });
    await rings(canvas).toEqual([]);
    expect(said()).toContain('int8');
    await select({ kind: 'tensor', index: 1 });
    await rings(canvas).toEqual(['DEQUANTIZE']);
  });
});
