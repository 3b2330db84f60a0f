/** The groups that real models fall into. */
import { describe, expect, test } from 'vitest';
import { ModelError } from '../../src/core/errors';
import { buildViewGraph } from '../../src/core/graph/build';
import { findGroups } from '../../src/core/graph/groups';
import { drawGraph } from '../../src/core/graph/groups-draw';
import { layoutGraph } from '../../src/core/graph/layout/layout';
import type { Groups, ViewGraph } from '../../src/core/graph/types';
import { openModel } from '../../src/core/model/open';
import { corpusIds, corpusModel, corpusTitle, hasCorpus } from '../support/corpus';

interface Opened {
  readonly graph: ViewGraph;
  readonly groups: Groups;
}

function open(id: string): Opened | null {
  try {
    const { model } = openModel(corpusModel(id));
    if (model.subgraphs.length === 0) return null;
    const graph = buildViewGraph(model, 0, { folded: true });
    return { graph, groups: findGroups(graph, model) };
  } catch (error) {
    if (error instanceof ModelError) return null;
    throw error;
  }
}

/** Groups by name, repeats and operators, each once, with how often. */
function summary(id: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { name, repeats, operatorCount } of open(id)!.groups.list) {
    const words = `${name} × ${repeats}, ${operatorCount} operators`;
    counts[words] = (counts[words] ?? 0) + 1;
  }
  return counts;
}

describe.skipIf(!hasCorpus)(corpusTitle, () => {
  test('a network of equal blocks shows them as such, by structure where names say nothing', () => {
    // Every second one of the first few halves the picture.
    const mobilenet = {
      '13 × DEPTHWISE_CONV_2D to CONV_2D × 1, 26 operators': 1,
      'DEPTHWISE_CONV_2D to CONV_2D (A) × 9, 2 operators': 9,
      'DEPTHWISE_CONV_2D to CONV_2D (B) × 4, 2 operators': 4,
    };
    expect(summary('mobilenet_v1_0.25_128')).toEqual(mobilenet);
    expect(summary('vww_96_float')).toEqual(mobilenet);
    expect(summary('face_detection_front')).toEqual({
      'DEPTHWISE_CONV_2D to RELU (A) × 2, 16 operators': 2,
      'DEPTHWISE_CONV_2D to RELU (B) × 3, 5 operators': 3,
      '4 × DEPTHWISE_CONV_2D to RELU (C) × 1, 16 operators': 1,
      'DEPTHWISE_CONV_2D to RELU (C) × 4, 4 operators': 4,
    });
  });

  test('blocks of one name are built alike in every model', () => {
    let names = 0;
    for (const id of corpusIds()) {
      const { groups } = open(id) ?? { groups: null };
      const sizes = new Map<string, number>();
      for (const { name, operatorCount } of groups?.list ?? []) {
        if (!/^[A-Z_0-9]+ to [A-Z_0-9]+/.test(name)) continue;
        expect(sizes.get(name) ?? operatorCount, `${id} ${name}`).toBe(operatorCount);
        sizes.set(name, operatorCount);
      }
      names += sizes.size;
    }
    expect(names).toBeGreaterThan(30);
    const attention = open('face_landmark_with_attention')!.groups.list;
    expect(new Set(attention.map(({ name }) => name)).size).toBe(9);
  });

  test('the modules of a network from PyTorch are groups', () => {
    const { graph, groups } = open('torchaudio_conformer')!;
    const outer = groups.list.filter(({ parent }) => parent === -1);
    expect(outer.map(({ name, operatorCount }) => `${name}, ${operatorCount}`)).toEqual([
      '_FeedForwardModule_ffn1/Sequential_sequential, 18',
      'LayerNorm_self_attn_layer_norm, 13',
      'MultiheadAttention_self_attn, 30',
      '_ConvolutionModule_conv_module, 40',
      '_FeedForwardModule_ffn2/Sequential_sequential, 18',
      'LayerNorm_final_layer_norm, 13',
    ]);
    expect(graph.nodeOfOperator.filter((v) => groups.groupOfNode[v] === -1)).toHaveLength(6);
  });

  test('a variable lies in the group of what reads and writes it', () => {
    const { graph, groups } = open('alexa')!;
    const scopes = graph.nodes.flatMap(({ title, name }, v) =>
      title === 'VAR_HANDLE' ? [[name.split('/')[0], groups.list[groups.groupOfNode[v]!]?.name]] : [],
    );
    expect(scopes).toHaveLength(11);
    for (const [variable, group] of scopes) expect(group).toBe(variable);
    const outside = graph.nodes.filter((_, v) => groups.groupOfNode[v] === -1);
    expect(outside.map(({ title }) => title)).not.toContain('ASSIGN_VARIABLE');
  });

  test('names are followed where there are any', () => {
    const deeplab = open('deeplabv3')!.groups.list;
    expect(deeplab.map(({ name }) => name)).toEqual([
      'expanded_conv',
      ...Array.from({ length: 16 }, (_, i) => `expanded_conv_${i + 1}`),
    ]);
    // Of ten with a skip three halve nothing, five are dilated twofold and two fourfold.
    const skipping = deeplab.filter(({ operatorCount }) => operatorCount === 4);
    expect(skipping.map(({ repeats }) => repeats)).toEqual([3, 3, 3, 5, 5, 5, 5, 5, 2, 2]);
  });

  test('every model: parents first, no group of one or of everything, no cycle between collapsed groups', () => {
    let grouped = 0;
    for (const id of corpusIds()) {
      const opened = open(id);
      if (!opened) continue;
      const { graph, groups } = opened;
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
