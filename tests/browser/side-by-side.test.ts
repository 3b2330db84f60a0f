/** Two pictures side by side: groups open and close in both, and what is selected stays in view. */
import { describe, expect, it } from 'vitest';
import { render } from 'vitest-browser-svelte';
import '../../src/app.css';
import { layoutClient } from '../../src/rpc/layout';
import type { Side } from '../../src/views/diff/camera-link';
import { PaneLink } from '../../src/views/diff/pane-link';
import GraphView from '../../src/views/graph/GraphView.svelte';
import type { LinkedPicture } from '../../src/views/graph/picture-link';
import type { Selection } from '../../src/views/graph/selection';
import { chainGraph, scopedGraph } from '../bench/graph-models';

const sides = ['before', 'after'] as const;
const client = layoutClient();
const count = 24;

/** One graph twice, every operator beside itself. */
async function open(link: PaneLink) {
  const pictures: Partial<Record<Side, LinkedPicture | null>> = {};
  const frames = {} as Record<Side, HTMLElement>;
  const views = {} as Record<Side, (selection: Selection | null) => Promise<void>>;
  document.body.replaceChildren();
  for (const side of sides) {
    const frame = document.createElement('div');
    frame.style.cssText = 'width:500px;height:400px';
    document.body.append(frame);
    frames[side] = frame;
    const own = link.of(side);
    const base = {
      ...{ graph: scopedGraph(chainGraph(count)), layoutClient: client, folded: true },
      label: `${side} ${Math.random()}`,
      link: {
        ...own,
        attach: (picture: LinkedPicture | null) => {
          pictures[side] = picture;
          own.attach(picture);
        },
      },
      onfoldedchange: () => undefined,
      onselect: () => undefined,
    };
    const { rerender } = await render(GraphView, { target: frame, props: { ...base, selection: null } });
    views[side] = (selection) => rerender({ ...base, selection });
  }
  await expect
    .poll(() => sides.every((side) => pictures[side]?.canvas.picture), { timeout: 10_000 })
    .toBe(true);
  return {
    pictures: pictures as Record<Side, LinkedPicture>,
    press: (side: Side, key: string, shiftKey = false) => {
      const canvas = frames[side].querySelector<HTMLCanvasElement>('canvas[role=application]')!;
      link.lead(side);
      canvas.dispatchEvent(new KeyboardEvent('keydown', { key, shiftKey, bubbles: true }));
    },
    select: async (index: number) => {
      for (const side of sides) await views[side]({ kind: 'operator', index });
    },
  };
}

const same = Int32Array.from({ length: count }, (_, i) => i);
const closed = ({ canvas }: LinkedPicture) =>
  [...(canvas.picture?.scene.drawn?.isCollapsed ?? [])].filter((one) => one === 1).length;

describe('two pictures side by side', () => {
  it('close and open all groups in both, and keep what is selected in view', async () => {
    const link = new PaneLink();
    const { pictures, press, select } = await open(link);
    link.match({ before: same, after: same });
    link.lead('before');
    await select(count - 3);
    for (const side of sides) await expect.poll(() => pictures[side].canvas.isSelectionInView).toBe(true);
    const groups = pictures.before.drawn!.groups.list.length;
    expect(groups).toBeGreaterThan(1);
    press('before', 'C', true);
    for (const side of sides) await expect.poll(() => closed(pictures[side])).toBe(groups);
    for (const side of sides) await expect.poll(() => pictures[side].canvas.isSelectionInView).toBe(true);
    press('after', 'E', true);
    for (const side of sides) await expect.poll(() => closed(pictures[side])).toBe(0);
    for (const side of sides) await expect.poll(() => pictures[side].canvas.isSelectionInView).toBe(true);
  });

  it('close one group in both, and each on its own when that is switched off', async () => {
    const link = new PaneLink();
    const { pictures, press, select } = await open(link);
    link.match({ before: same, after: same });
    await select(0);
    press('before', '[');
    for (const side of sides) await expect.poll(() => closed(pictures[side])).toBe(1);
    // It has the focus: Enter opens it again.
    press('before', 'Enter');
    for (const side of sides) await expect.poll(() => closed(pictures[side])).toBe(0);
    link.turn(false);
    press('before', 'C', true);
    const groups = pictures.before.drawn!.groups.list.length;
    await expect.poll(() => closed(pictures.before)).toBe(groups);
    expect(closed(pictures.after)).toBe(0);
    // Switched on again, the other side does as the one that was used last.
    link.turn(true);
    await expect.poll(() => closed(pictures.after)).toBe(groups);
  });
});
