import '../../src/app.css';
import { describe, expect, it, vi } from 'vitest';
import { layoutGraph } from '../../src/core/graph/layout/layout';
import type { ViewGraph, ViewNode } from '../../src/core/graph/types';
import { finish } from '../../src/core/steps';
import { largestScale, pictureSvg, pngOf, pngSteps, wholeArea } from '../../src/views/export/picture';
import { printPicture } from '../../src/views/export/print';
import { layoutRequest, cardSteps, textMeasurer } from '../../src/views/graph/cards';
import { sceneSteps } from '../../src/views/graph/scene';
import { readTheme } from '../../src/views/graph/theme';

function operator(index: number, part: Partial<ViewNode>): ViewNode {
  return {
    ...{ kind: 'operator', index, title: 'CONV_2D', name: '', category: 'convolution', activation: null },
    ...{ rows: [], cost: null, folded: [], tensor: index, macs: 0, sizeBytes: 0, bodies: [] },
    ...part,
  };
}

/** A chain of operators whose names hold what XML does not like. */
function graphOf(nodes: readonly ViewNode[]): ViewGraph {
  const from = nodes.slice(1).map((_, i) => i);
  return {
    subgraph: 0,
    nodes,
    nodeOfOperator: Int32Array.from(nodes.keys()),
    edgeFrom: Int32Array.from(from),
    edgeTo: Int32Array.from(from, (i) => i + 1),
    edgeTensor: Int32Array.from(from),
    edgePort: new Int32Array(from.length),
    edgeLabel: from.map((i) => `1×${i} <f32>`),
    notices: [],
  };
}

const nodes = [
  operator(0, { title: 'first & "best"', activation: 'RELU6' }),
  operator(1, {
    title: '<custom>',
    rows: [{ label: 'filter', text: '8×3×3×3', dtype: 'int8·ch', tensor: 9 }],
  }),
  operator(2, { title: 'last\u0001', cost: '0.88 M' }),
];

function subjectOf(list: readonly ViewNode[]) {
  const theme = readTheme(document.documentElement);
  const graph = graphOf(list);
  const cards = finish(cardSteps(graph, textMeasurer(), theme));
  const scene = finish(sceneSteps(graph, cards, layoutGraph(layoutRequest(graph, cards))));
  const marks = { node: -1, tensor: -1, hoverNode: -1, hoverEdge: -1, heat: null };
  return { scene, theme, marks };
}

describe('the picture as SVG', () => {
  it('is a file of its own that holds every operator as text, once', () => {
    const subject = subjectOf(nodes);
    const area = wholeArea(subject.scene);
    const parsed = new DOMParser().parseFromString(pictureSvg(subject, area), 'image/svg+xml');
    expect(parsed.querySelector('parsererror')).toBeNull();
    const svg = parsed.documentElement;
    expect(Number(svg.getAttribute('width'))).toBeCloseTo(area.width, 1);
    const texts = [...parsed.querySelectorAll('text:not([aria-hidden])')].map((text) => text.textContent);
    for (const title of ['first & "best"', '<custom>', 'last', 'RELU6', 'filter', '1×0 <f32>', '0.88 M']) {
      expect(
        texts.filter((text) => text === title),
        title,
      ).toHaveLength(1);
    }
    const source = svg.outerHTML;
    expect(source).not.toContain('var(');
    expect(source).not.toContain('NaN');
    expect(source).toContain(subject.theme.category.convolution);
    expect(source).toMatch(/font-family="[^"]+" font-size="12" font-weight="600"/);
  });

  it('of a view holds what is in view alone', () => {
    const subject = subjectOf(Array.from({ length: 60 }, (_, i) => operator(i, { title: `op ${i}` })));
    const inView = { view: { k: 1, x: 0, y: 0 }, width: 400, height: 300 };
    const source = pictureSvg(subject, inView);
    expect(source).toContain('op 0<');
    expect(source).not.toContain('op 40<');
    expect(source).toContain('viewBox="0 0 400 300"');
  });

  it('looks as what is painted', async () => {
    const subject = subjectOf(nodes);
    const area = wholeArea(subject.scene);
    const image = new Image();
    image.src = `data:image/svg+xml,${encodeURIComponent(pictureSvg(subject, area))}`;
    await image.decode();
    const painted = await createImageBitmap(await pngOf(finish(pngSteps(subject, area, 1))));
    const pixels = (source: CanvasImageSource) => {
      const canvas = new OffscreenCanvas(Math.floor(area.width), Math.floor(area.height));
      const context = canvas.getContext('2d')!;
      context.drawImage(source, 0, 0);
      return context.getImageData(0, 0, canvas.width, canvas.height).data;
    };
    const [a, b] = [pixels(image), pixels(painted)];
    let differing = 0;
    for (let i = 0; i < a.length; i += 4) {
      if (Math.abs(a[i]! - b[i]!) + Math.abs(a[i + 1]! - b[i + 1]!) + Math.abs(a[i + 2]! - b[i + 2]!) > 120)
        differing++;
    }
    // Letters are smoothed differently; nothing else may differ.
    expect(differing / (a.length / 4)).toBeLessThan(0.02);
  });
});

describe('the picture as PNG', () => {
  it('has the asked size and the ground of the page', async () => {
    const subject = subjectOf(nodes);
    const area = wholeArea(subject.scene);
    const bitmap = await createImageBitmap(await pngOf(finish(pngSteps(subject, area, 2))));
    expect(bitmap.width).toBe(Math.floor(area.width * 2));
    expect(bitmap.height).toBe(Math.floor(area.height * 2));
    const canvas = new OffscreenCanvas(1, 1);
    const context = canvas.getContext('2d')!;
    context.drawImage(bitmap, 0, 0);
    expect([...context.getImageData(0, 0, 1, 1).data]).toEqual([246, 245, 242, 255]);
  });

  it('is made smaller where a canvas would not hold it', () => {
    expect(largestScale({ width: 1000, height: 1000 }, 2)).toBe(2);
    expect(largestScale({ width: 500, height: 1_000_000 }, 2)).toBeLessThan(0.02);
    const scale = largestScale({ width: 20_000, height: 20_000 }, 2);
    expect((20_000 * scale) ** 2).toBeLessThanOrEqual(128e6 + 1);
  });
});

it('a picture is printed alone and gone afterwards', () => {
  const print = vi.spyOn(window, 'print').mockImplementation(() => {
    expect(document.querySelectorAll('.print-sheet svg text').length).toBeGreaterThan(0);
    dispatchEvent(new Event('afterprint'));
  });
  const subject = subjectOf(nodes);
  printPicture(pictureSvg(subject, wholeArea(subject.scene)));
  expect(print).toHaveBeenCalledOnce();
  expect(document.querySelector('.print-sheet')).toBeNull();
  print.mockRestore();
});
