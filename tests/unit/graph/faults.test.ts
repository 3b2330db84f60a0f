import { describe, expect, it } from 'vitest';
import { finish } from '../../../src/core/steps';
import { buildViewGraph } from '../../../src/core/graph/build';
import { layoutGraph } from '../../../src/core/graph/layout/layout';
import { layoutRequest, cardSteps } from '../../../src/views/graph/cards';
import { describeHit } from '../../../src/views/graph/hover';
import { sceneSteps } from '../../../src/views/graph/scene';
import type { Theme } from '../../../src/views/graph/theme';
import { sketchModel } from './models';

const theme = { font: 'sans', mono: 'mono' } as Theme;

/** Builds, measures and lays out; every place must be a number. */
function draw(sketch: Parameters<typeof sketchModel>[0]) {
  const graph = buildViewGraph(sketchModel(sketch), 0);
  const cards = finish(cardSteps(graph, (text) => 7 * text.length, theme));
  const scene = finish(sceneSteps(graph, cards, layoutGraph(layoutRequest(graph, cards))));
  const { x, y, points } = scene.layout;
  expect([...x, ...y, ...points, ...cards.widths, ...cards.heights].every(Number.isFinite)).toBe(true);
  return scene;
}

describe('faulty subgraphs are drawn with a notice', () => {
  it('cycles', () => {
    const { graph, layout } = draw({
      tensors: [{}, {}, {}],
      operators: [
        { kind: 'ADD', inputs: [0, 2], outputs: [1] },
        { kind: 'RELU', inputs: [1], outputs: [2] },
      ],
      inputs: [0],
      outputs: [2],
    });
    expect(layout.isReversed.reduce((sum, flag) => sum + flag, 0)).toBe(1);
    expect(graph.notices).toEqual([
      '1 operand is read before it is written: the order of the operators is broken.',
    ]);
  });

  it('operators without outputs, but not those that never have any', () => {
    const { graph } = draw({
      tensors: [{}],
      operators: [
        { kind: 'RELU', inputs: [0], outputs: [] },
        { kind: 'CALL_ONCE', inputs: [], outputs: [] },
      ],
      inputs: [0],
    });
    expect(graph.nodes).toHaveLength(3);
    expect(graph.notices).toEqual(['1 operator has no outputs.']);
  });

  it('tensors that are read before they are written', () => {
    const { graph } = draw({
      tensors: [{}, {}, {}],
      operators: [
        { kind: 'RELU', inputs: [1], outputs: [2] },
        { kind: 'ABS', inputs: [0], outputs: [1] },
      ],
      inputs: [0],
      outputs: [2],
    });
    expect([...graph.edgeFrom].map((v) => graph.nodes[v]!.title)).toEqual(['ABS', 't0', 'RELU']);
    expect(graph.notices.join()).toContain('read before it is written');
  });

  it('names of 10,000 characters, without wide cards or endless hover cards', () => {
    const name = 'n'.repeat(10_000);
    const scene = draw({
      tensors: [{ name }, { name, shape: Array.from({ length: 2000 }, () => 1) }],
      operators: [{ kind: 'CUSTOM', custom: name, inputs: [0], outputs: [1] }],
      inputs: [0],
      outputs: [1],
    });
    expect(Math.max(...scene.cards.widths)).toBeLessThan(500);
    expect(Math.max(...scene.graph.edgeLabel.map((label) => label.length))).toBeLessThan(60);
    scene.graph.nodes.forEach((_, node) => {
      const { title, lines } = describeHit(scene, { kind: 'node', node, tensor: null });
      expect(title.length + lines.join().length).toBeLessThan(1000);
    });
    const edge = describeHit(scene, { kind: 'edge', edge: 0 });
    expect(edge.lines.join().length).toBeLessThan(1000);
  });

  it('sizes of zero', () => {
    const { graph } = draw({
      tensors: [{ shape: [0, 4] }, { shape: [0] }],
      operators: [{ kind: 'RELU', inputs: [0], outputs: [1] }],
      inputs: [0],
      outputs: [1],
    });
    expect(graph.edgeLabel).toEqual(['0×4 f32', '0 f32']);
    expect(graph.notices).toEqual(['2 tensors have a size of zero.']);
  });
});
