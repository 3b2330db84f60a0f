import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildViewGraph } from '../../../src/core/graph/build';
import { edgeText } from '../../../src/core/graph/labels';
import type { ViewGraph } from '../../../src/core/graph/types';
import { makeTable } from '../../../src/core/model/schema/tflite';
import { sketchModel } from './models';

const titles = (graph: ViewGraph) => graph.nodes.map(({ title }) => title);
const links = (graph: ViewGraph) =>
  [...graph.edgeFrom].map(
    (from, e) =>
      `${titles(graph)[from]} > ${titles(graph)[graph.edgeTo[e]!]} ${graph.edgeLabel[e]!.split(' ')[1]}`,
  );

const integer = { type: 'INT8' as const, scales: 1 };

/** image -> q -> CONV_2D (integers) -> dq -> SOFTMAX (float) -> q -> RELU (integers) -> dq -> out. */
const islands = sketchModel({
  tensors: [
    { name: 'image' },
    { ...integer, name: 'image_q' },
    { ...integer, name: 'filter', bytes: 4 },
    { ...integer, name: 'conv' },
    { name: 'conv_real' },
    { name: 'soft' },
    { ...integer, name: 'soft_q' },
    { ...integer, name: 'relu' },
    { name: 'out' },
    { ...integer, name: 'tail' },
  ],
  operators: [
    { kind: 'QUANTIZE', inputs: [0], outputs: [1] },
    { kind: 'CONV_2D', inputs: [1, 2], outputs: [3] },
    { kind: 'DEQUANTIZE', inputs: [3], outputs: [4] },
    { kind: 'SOFTMAX', inputs: [4], outputs: [5] },
    { kind: 'QUANTIZE', inputs: [5], outputs: [6] },
    { kind: 'RELU', inputs: [6], outputs: [7] },
    { kind: 'ABS', inputs: [3], outputs: [9] },
    { kind: 'DEQUANTIZE', inputs: [7], outputs: [8] },
  ],
  inputs: [0],
  outputs: [8, 9],
});

describe('borders of integer islands', () => {
  it('are folded into the integer operators, and edges carry what travels', () => {
    const graph = buildViewGraph(islands, 0);
    expect(titles(graph)).toEqual(['image', 'CONV_2D', 'SOFTMAX', 'RELU', 'ABS', 'out', 'tail']);
    expect(links(graph)).toEqual([
      'image > CONV_2D f32',
      'CONV_2D > SOFTMAX f32',
      'SOFTMAX > RELU f32',
      'CONV_2D > ABS int8',
      'RELU > out f32',
      'ABS > tail int8',
    ]);
    const [, conv, , relu] = graph.nodes;
    expect(conv!.folded).toEqual([0, 2]);
    expect(conv!.borders).toEqual([
      { side: 'in', kind: 'q', operator: 0, name: 'image_q', isShared: false },
      { side: 'out', kind: 'dq', operator: 2, name: 'conv_real', isShared: false },
    ]);
    expect(relu!.borders!.map(({ side, kind }) => `${side} ${kind}`)).toEqual(['in q', 'out dq']);
    expect([...graph.nodeOfOperator]).toEqual([1, 1, 1, 2, 3, 3, 4, 3]);
    // The integers and the real numbers leave CONV_2D by ports of their own.
    expect([graph.edgePort[1], graph.edgePort[3]]).toEqual([1, 0]);
  });

  it('mark what each card computes in, and the float operator as an island', () => {
    const { nodes } = buildViewGraph(islands, 0);
    expect(nodes.map(({ dtype }) => dtype)).toEqual([
      undefined,
      'int8',
      'f32',
      'int8',
      'int8',
      undefined,
      undefined,
    ]);
    expect(nodes.filter(({ isIsland }) => isIsland).map(({ title }) => title)).toEqual(['SOFTMAX']);
  });

  it('are all shown when unfolded', () => {
    const graph = buildViewGraph(islands, 0, { folded: false });
    expect(titles(graph).filter((title) => title.endsWith('QUANTIZE'))).toHaveLength(4);
    expect([...graph.nodeOfOperator]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(graph.nodes.every(({ borders, folded }) => borders === undefined && folded.length === 0)).toBe(
      true,
    );
  });

  it('stay where they serve no operator, and where they only change scales', () => {
    const alone = sketchModel({
      tensors: [{}, integer, {}, integer, { type: 'UINT8', scales: 1 }],
      operators: [
        { kind: 'QUANTIZE', inputs: [0], outputs: [1] },
        { kind: 'DEQUANTIZE', inputs: [1], outputs: [2] },
        { kind: 'QUANTIZE', inputs: [3], outputs: [4] },
      ],
      inputs: [0, 3],
      outputs: [2, 4],
    });
    expect(titles(buildViewGraph(alone, 0))).toEqual([
      ...['t0', 't3', 'QUANTIZE', 'DEQUANTIZE', 'QUANTIZE', 't2', 't4'],
    ]);
  });

  it('between two float operators belong to those', () => {
    const graph = buildViewGraph(
      sketchModel({
        tensors: [{}, {}, integer, {}, {}],
        operators: [
          { kind: 'RELU', inputs: [0], outputs: [1] },
          { kind: 'QUANTIZE', inputs: [1], outputs: [2] },
          { kind: 'DEQUANTIZE', inputs: [2], outputs: [3] },
          { kind: 'ABS', inputs: [3], outputs: [4] },
        ],
        inputs: [0],
        outputs: [4],
      }),
      0,
    );
    expect(links(graph)).toEqual(['t0 > RELU f32', 'RELU > ABS int8', 'ABS > t4 f32']);
    expect(graph.nodes[1]!.borders).toMatchObject([{ side: 'out', kind: 'q' }]);
    expect(graph.nodes[2]!.borders).toMatchObject([{ side: 'in', kind: 'dq' }]);
  });

  it('lead every operator of any graph to a node that names it, and unfolding shows each alone', () => {
    const kinds = ['ADD', 'DEQUANTIZE', 'QUANTIZE', 'DENSIFY'] as const;
    const tensor = fc.constantFrom({}, integer, { bytes: 16 }, { ...integer, bytes: 4 });
    const index = fc.integer({ min: -1, max: 10 });
    const operator = fc.record({
      kind: fc.constantFrom(...kinds),
      inputs: fc.array(index, { minLength: 1, maxLength: 2 }),
      outputs: fc.array(index, { minLength: 1, maxLength: 1 }),
    });
    fc.assert(
      fc.property(
        fc.array(tensor, { minLength: 10, maxLength: 10 }),
        fc.array(operator, { maxLength: 10 }),
        fc.array(index, { maxLength: 3 }),
        (tensors, operators, ends) => {
          const model = sketchModel({ tensors, operators, inputs: ends, outputs: ends });
          const graph = buildViewGraph(model, 0);
          graph.nodeOfOperator.forEach((v, i) => {
            const node = graph.nodes[v]!;
            expect(node.kind).toBe('operator');
            expect(node.index === i || node.folded.includes(i)).toBe(true);
          });
          for (let e = 0; e < graph.edgeFrom.length; e++) {
            expect(graph.nodes[graph.edgeFrom[e]!]).toBeDefined();
            expect(graph.edgeLabel[e]).toBe(
              edgeText(model, model.subgraphs[0]!.tensors[graph.edgeTensor[e]!]!),
            );
          }
          const open = buildViewGraph(model, 0, { folded: false });
          open.nodeOfOperator.forEach((v, i) => expect(open.nodes[v]!.index).toBe(i));
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('what else a card says', () => {
  it('calls inputs and outputs as a signature does', () => {
    const model = sketchModel({
      tensors: [{ name: 'serving_default_x:0' }, { name: 'StatefulPartitionedCall:0' }],
      operators: [{ kind: 'RELU', inputs: [0], outputs: [1] }],
      inputs: [0],
      outputs: [1],
    });
    const graph = buildViewGraph(
      {
        ...model,
        signatureDefs: [
          {
            ...makeTable('SignatureDef', { subgraphIndex: 0 }),
            inputs: [makeTable('TensorMap', { name: 'image', tensorIndex: 0 })],
            outputs: [makeTable('TensorMap', { name: 'classes', tensorIndex: 1 })],
          },
        ],
      },
      0,
    );
    expect(titles(graph)).toEqual(['image', 'RELU', 'classes']);
    expect(graph.nodes[0]!.name).toBe('serving_default_x:0');
  });

  it('says which subgraphs are called, and as what', () => {
    const model = sketchModel({
      tensors: [{}, {}],
      operators: [
        {
          kind: 'WHILE',
          inputs: [0],
          outputs: [1],
          options: {
            type: 'WhileOptions',
            value: makeTable('WhileOptions', { condSubgraphIndex: 1, bodySubgraphIndex: 2 }),
          },
        },
      ],
      inputs: [0],
      outputs: [1],
    });
    const [main] = model.subgraphs;
    const graph = buildViewGraph(
      { ...model, subgraphs: [main!, { ...main!, name: 'test' }, { ...main!, name: null }] },
      0,
    );
    expect(graph.nodes[1]!.calls).toEqual([
      { role: 'cond', subgraph: 1, name: 'test' },
      { role: 'body', subgraph: 2, name: '' },
    ]);
  });

  it('knows the bytes of every tensor', () => {
    expect([...buildViewGraph(islands, 0).tensorBytes!]).toEqual([16, 4, 4, 4, 16, 16, 4, 4, 16, 4]);
  });
});
