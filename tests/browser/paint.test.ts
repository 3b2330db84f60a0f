import '../../src/app.css';
import { describe, expect, it } from 'vitest';
import { finish } from '../../src/core/steps';
import { layoutGraph } from '../../src/core/graph/layout/layout';
import type { ViewGraph, ViewNode } from '../../src/core/graph/types';
import { type PictureArea, pictureSvg, scaleChoices, wholeArea } from '../../src/views/export/picture';
import { layoutRequest, cardSteps, textMeasurer } from '../../src/views/graph/cards';
import { widthOfBytes } from '../../src/views/graph/edge-width';
import { hitScene } from '../../src/views/graph/hit';
import { describeHit, spellReal } from '../../src/views/graph/hover';
import type { Marks } from '../../src/views/graph/paint';
import { sceneSteps, nodeBox } from '../../src/views/graph/scene';
import { readTheme } from '../../src/views/graph/theme';
import { blockGraph, scopedGraph, skipGraph } from '../bench/graph-models';

const plain: Marks = { node: -1, tensor: -1, hoverNode: -1, hoverEdge: -1, heat: null };
const measure = textMeasurer();

function subjectOf(graph: ViewGraph, marks: Partial<Marks> = {}) {
  const theme = readTheme(document.documentElement);
  const cards = finish(cardSteps(graph, measure, theme));
  const scene = finish(sceneSteps(graph, cards, layoutGraph(layoutRequest(graph, cards))));
  return { scene, theme, marks: { ...plain, ...marks } };
}

/** A chain of two operators with an input. */
function chain(part: Partial<ViewNode> = {}): ViewGraph {
  const base = scopedGraph({ count: 3, from: [0, 1], to: [1, 2] });
  return {
    ...base,
    nodes: base.nodes.map((node, i) => (i === 1 ? { ...node, ...part } : node)),
    tensorBytes: Float64Array.of(64, 1 << 20, 0),
  };
}

const svgOf = (subject: ReturnType<typeof subjectOf>, area: PictureArea = wholeArea(subject.scene)) =>
  new DOMParser().parseFromString(pictureSvg(subject, area), 'image/svg+xml');
const textsOf = (svg: Document) =>
  [...svg.querySelectorAll('text:not([aria-hidden])')].map((text) => text.textContent);

describe('a card', () => {
  it('shows its dtype, an island in words, and what is folded into it on either side', () => {
    const border = { operator: 7, name: 'q_in', isShared: false };
    const svg = svgOf(
      subjectOf(
        chain({
          ...{ dtype: 'f32', isIsland: true, folded: [7, 8] },
          borders: [
            { ...border, side: 'in', kind: 'dq' },
            { ...border, side: 'out', kind: 'q' },
          ],
        }),
      ),
    );
    expect(textsOf(svg)).toEqual(expect.arrayContaining(['f32 island', 'dq', 'q']));
  });

  it('shows decoded options, and rows that lead to a subgraph as links', () => {
    const subject = subjectOf(
      chain({
        calls: [{ role: 'body', subgraph: 4, name: 'step' }],
        attributes: Array.from({ length: 40 }, (_, i) => ({ label: `option ${i}`, text: 'x'.repeat(100) })),
      }),
    );
    const texts = textsOf(svgOf(subject));
    expect(texts).toEqual(expect.arrayContaining(['body', 'subgraph 4 step', 'option 0', '36 more']));
    const { left, top } = nodeBox(subject.scene, 1);
    const hit = hitScene(subject.scene, left + 30, top + 36, 4);
    expect(hit).toEqual({ kind: 'node', node: 1, tensor: null, subgraph: 4 });
    expect(describeHit(subject.scene, hit!)).toMatchObject({ title: 'body: subgraph 4' });
  });

  it('has a sign for its category, of lines', () => {
    const of = (category: ViewNode['category']) =>
      svgOf(subjectOf(chain({ category }))).documentElement.outerHTML;
    const signs = [
      'convolution',
      'dense',
      'activation',
      'pooling',
      'arithmetic',
      'shape',
      'normalization',
    ] as const;
    const more = ['quantization', 'recurrent', 'control', 'other'] as const;
    expect(new Set([...signs, ...more].map(of)).size).toBe(11);
  });
});

describe('edges by size', () => {
  it('go from 1 to 8 pixels by the logarithm of the bytes', () => {
    expect([0, 256, 512, 1024, 1 << 20, 4 << 20, 1e12].map(widthOfBytes)).toEqual([1, 1, 1.5, 2, 7, 8, 8]);
  });

  it('are drawn so on request, and say how', () => {
    const widths = (isThick: boolean) =>
      new Set(
        [
          ...svgOf(subjectOf(chain(), { isThick })).querySelectorAll(
            'path[fill=none][stroke-linejoin=round]',
          ),
        ].map((path) => path.getAttribute('stroke-width')),
      );
    expect(widths(true).has('7')).toBe(true);
    expect(widths(false).has('7')).toBe(false);
    const { lines } = describeHit(subjectOf(chain()).scene, { kind: 'edge', edge: 1 }, true);
    expect(lines.join(' ')).toMatch(/1\.00\sMiB.*8 px from 4\.00\sMiB/);
  });
});

it('tells what quantized numbers can hold', () => {
  const facts = { name: '', formula: null, dtype: 'int8' };
  const quantization = { scale: [0.5], zeroPoint: [-128], axis: 0 };
  expect(spellReal({ ...facts, quantization })).toBe('holds 0 to 128');
  expect(
    spellReal({ ...facts, quantization: { ...quantization, scale: [0.5, 0.25], zeroPoint: [0, 0] } }),
  ).toBe('2 scales, 0.25 to 0.5');
  expect(spellReal({ ...facts, quantization: null })).toBeNull();
  expect(spellReal({ ...facts, dtype: 'float32', quantization })).toBeNull();
});

describe('20,000 operators', () => {
  const subjects = [blockGraph(20_000), skipGraph(20_000)].map((links) => subjectOf(scopedGraph(links)));

  it.each([0.005, 0.1, 0.2, 0.5, 1, 2])('are painted at zoom %d only where they are on screen', (k) => {
    for (const subject of subjects) {
      const { bounds, nodeIndex } = subject.scene;
      const [width, height] = [1400, 900];
      const [x, y] = [width / 2 - (k * bounds.right) / 2, height / 2 - (k * bounds.bottom) / 2];
      let onScreen = 0;
      nodeIndex.search(-x / k, -y / k, (width - x) / k, (height - y) / k, () => onScreen++);
      const svg = svgOf(subject, { view: { k, x, y }, width, height });
      // Title, label of the edge, and no more than a handful besides.
      const texts = svg.querySelectorAll('text').length;
      expect(texts).toBeLessThanOrEqual(6 * onScreen + 40);
      if (k < 0.16) expect(texts).toBe(0);
      // Blocks and lines are batched by colour and width.
      if (k < 0.16) expect(svg.querySelectorAll('path').length).toBeLessThan(20);
    }
  });
});

it('offers the scales at which a PNG can be made', () => {
  expect(scaleChoices({ width: 1000, height: 800 })).toEqual([1, 2, 3, 4]);
  expect(scaleChoices({ width: 6000, height: 800 })).toEqual([1, 2]);
  const [only, ...none] = scaleChoices({ width: 700, height: 1_000_000 });
  expect(none).toEqual([]);
  expect(only! * 1_000_000).toBeLessThanOrEqual(16_384);
});
