import '../../src/app.css';
import { page } from 'vitest/browser';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { render } from 'vitest-browser-svelte';
import type { ViewGraph, ViewNode } from '../../src/core/graph/types';
import { layoutClient, type LayoutClient } from '../../src/rpc/layout';
import GraphView from '../../src/views/graph/GraphView.svelte';

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
