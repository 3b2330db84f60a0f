/** The groups that real models fall into. */
import { describe, expect, test } from 'vitest';
import { ModelError } from '../../src/core/errors';
import { buildViewGraph } from '../../src/core/graph/build';
import { findGroups } from '../../src/core/graph/groups';
import { drawGraph } from '../../src/core/graph/groups-draw';
import { layoutGraph } from '../../src/core/graph/layout/layout';
import type { ViewGraph } from '../../src/core/graph/types';
import { openModel } from '../../src/core/model/open';
import { corpusIds, corpusModel, corpusTitle, hasCorpus } from '../support/corpus';

function graphOf(id: string): ViewGraph | null {
  try {
    const { model } = openModel(corpusModel(id));
    return model.subgraphs.length === 0 ? null : buildViewGraph(model, 0, { folded: true });
  } catch (error) {
    if (error instanceof ModelError) return null;
    throw error;
  }
}

/** Groups by name, repeats and operators, each once, with how often. */
function summary(id: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { name, repeats, operatorCount } of findGroups(graphOf(id)!).list) {
    const words = `${name} × ${repeats}, ${operatorCount} operators`;
    counts[words] = (counts[words] ?? 0) + 1;
  }
  return counts;
}

describe.skipIf(!hasCorpus)(corpusTitle, () => {
  test('a network of equal blocks shows them as such, by structure where names say nothing', () => {
    const mobilenet = {
      '13 × DEPTHWISE_CONV_2D to CONV_2D × 1, 26 operators': 1,
      'DEPTHWISE_CONV_2D to CONV_2D × 13, 2 operators': 13,
    };
    expect(summary('mobilenet_v1_0.25_128')).toEqual(mobilenet);
    expect(summary('vww_96_float')).toEqual(mobilenet);
    expect(summary('face_detection_front')).toEqual({
      'DEPTHWISE_CONV_2D to RELU × 2, 16 operators': 2,
      'DEPTHWISE_CONV_2D to RELU × 3, 5 operators': 3,
      '4 × DEPTHWISE_CONV_2D to RELU × 1, 16 operators': 1,
      'DEPTHWISE_CONV_2D to RELU × 4, 4 operators': 4,
    });
  });

  test('names are followed where there are any', () => {
    const deeplab = findGroups(graphOf('deeplabv3')!).list;
    expect(deeplab.map(({ name }) => name)).toEqual([
      'expanded_conv',
      ...Array.from({ length: 16 }, (_, i) => `expanded_conv_${i + 1}`),
    ]);
    expect(deeplab.filter(({ repeats }) => repeats === 10)).toHaveLength(10);
    expect(deeplab.filter(({ repeats }) => repeats === 6)).toHaveLength(6);
  });

  test('every model: parents first, no group of one or of everything, no cycle between collapsed groups', () => {
    let grouped = 0;
    for (const id of corpusIds()) {
      const graph = graphOf(id);
      if (!graph) continue;
      const groups = findGroups(graph);
      const operators = graph.nodes.filter(({ kind }) => kind === 'operator').length;
      if (groups.list.length > 0) grouped++;
      groups.list.forEach(({ parent, operatorCount, first }, g) => {
        expect(parent, id).toBeLessThan(g);
        expect(operatorCount, id).toBeGreaterThan(1);
        expect(first, id).toBeGreaterThanOrEqual(0);
      });
      expect(groups.groupOfNode.length, id).toBe(graph.nodes.length);
      // Counted again from the nodes: how many cards and operators lie in each group.
      const cards = new Int32Array(groups.list.length);
      const held = new Int32Array(groups.list.length);
      graph.nodes.forEach(({ kind, folded }, v) => {
        for (let g = groups.groupOfNode[v]!; g >= 0; g = groups.list[g]!.parent) {
          expect(kind, id).toBe('operator');
          cards[g]!++;
          held[g]! += 1 + folded.length;
        }
      });
      groups.list.forEach(({ operatorCount }, g) => {
        expect(held[g], id).toBe(operatorCount);
        expect(cards[g], id).toBeLessThan(operators);
      });
      const drawn = drawGraph(graph, groups, new Set(groups.list.map(({ key }) => key)));
      const size = drawn.nodes.length;
      const layout = layoutGraph({
        direction: 'down',
        widths: new Float64Array(size).fill(200),
        heights: new Float64Array(size).fill(60),
        edgeFrom: drawn.edgeFrom,
        edgeTo: drawn.edgeTo,
        edgePort: drawn.edgePort,
        labelWidths: new Float64Array(drawn.edgeFrom.length),
      });
      const alone = layoutGraph({
        direction: 'down',
        widths: new Float64Array(graph.nodes.length).fill(200),
        heights: new Float64Array(graph.nodes.length).fill(60),
        edgeFrom: graph.edgeFrom,
        edgeTo: graph.edgeTo,
        edgePort: graph.edgePort,
        labelWidths: new Float64Array(graph.edgeFrom.length),
      });
      // What closes a cycle closed it before.
      if (!alone.isReversed.includes(1)) expect(layout.isReversed.includes(1), id).toBe(false);
    }
    expect(grouped).toBeGreaterThan(20);
  });
});
