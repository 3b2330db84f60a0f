import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildViewGraph } from '../../../src/core/graph/build';
import type { ViewGraph } from '../../../src/core/graph/types';
import { ModelError } from '../../../src/core/errors';
import { makeTable } from '../../../src/core/model/schema/tflite';
import { sketchModel } from './models';

const conv = {
  type: 'Conv2DOptions' as const,
  value: makeTable('Conv2DOptions', { strideW: 2, strideH: 2, fusedActivationFunction: 'RELU6' }),
};

/** image -> CONV_2D with float16 weights behind DEQUANTIZE -> output. */
const halfWeights = sketchModel({
  tensors: [
    { name: 'image', shape: [1, 8, 8, 3] },
    { name: 'filter_f16', type: 'FLOAT16', shape: [4, 3, 3, 3], bytes: 216 },
    { name: 'filter', shape: [4, 3, 3, 3] },
    { name: 'bias', shape: [4], bytes: 16 },
    { name: 'result', shape: [1, 4, 4, 4] },
  ],
  operators: [
    { kind: 'DEQUANTIZE', inputs: [1], outputs: [2] },
    { kind: 'CONV_2D', inputs: [0, 2, 3], outputs: [4], options: conv },
  ],
  inputs: [0],
  outputs: [4],
});

const titles = (graph: ViewGraph) => graph.nodes.map(({ title }) => title);
const links = (graph: ViewGraph) =>
  [...graph.edgeFrom].map((from, e) => `${titles(graph)[from]} > ${titles(graph)[graph.edgeTo[e]!]}`);

describe('buildViewGraph', () => {
  it('draws inputs, operators and outputs, constants as rows, the activation apart', () => {
    const graph = buildViewGraph(halfWeights, 0);
    expect(titles(graph)).toEqual(['image', 'CONV_2D', 'result']);
    expect(links(graph)).toEqual(['image > CONV_2D', 'CONV_2D > result']);
    expect(graph.edgeLabel).toEqual(['1×8×8×3 f32', '1×4×4×4 f32']);
    expect(graph.nodes[1]).toMatchObject({
      name: 'result',
      category: 'convolution',
      activation: 'RELU6',
      macs: 1728,
      sizeBytes: 232,
      folded: [0],
      tensor: 4,
      rows: [
        { label: 'filter', text: '4×3×3×3', dtype: 'float16', tensor: 1 },
        { label: 'bias', text: '4', dtype: 'float32', tensor: 3 },
      ],
    });
    expect([...graph.nodeOfOperator]).toEqual([1, 1]);
    expect(graph.notices).toEqual([]);
  });

  it('shows what was folded when asked to', () => {
    const graph = buildViewGraph(halfWeights, 0, { folded: false });
    expect(titles(graph)).toEqual(['image', 'DEQUANTIZE', 'CONV_2D', 'result']);
    expect(links(graph)).toContain('DEQUANTIZE > CONV_2D');
    expect(graph.nodes[1]!.rows).toMatchObject([{ dtype: 'float16', tensor: 1 }]);
    expect(graph.nodes[2]!.rows.map(({ label }) => label)).toEqual(['bias']);
  });

  it('folds chains into every reader, but not results that leave the subgraph', () => {
    const tensors = [
      { type: 'FLOAT16' as const, bytes: 8 },
      { type: 'FLOAT16' as const },
      {},
      {},
      {},
      { type: 'FLOAT16' as const, bytes: 8 },
      {},
    ];
    const graph = buildViewGraph(
      sketchModel({
        tensors,
        operators: [
          { kind: 'DENSIFY', inputs: [0], outputs: [1] },
          { kind: 'DEQUANTIZE', inputs: [1], outputs: [2] },
          { kind: 'ADD', inputs: [3, 2], outputs: [4] },
          { kind: 'MUL', inputs: [4, 2], outputs: [3] },
          { kind: 'DEQUANTIZE', inputs: [5], outputs: [6] },
        ],
        outputs: [4, 6],
      }),
      0,
    );
    expect(titles(graph)).toEqual(['ADD', 'MUL', 'DEQUANTIZE', 't4', 't6']);
    expect(graph.nodes[0]!.folded).toEqual([1, 0]);
    expect(graph.nodes[1]!.rows).toMatchObject([{ dtype: 'float16', tensor: 0 }]);
    // ADD and MUL feed each other: a cycle is drawn, not refused.
    expect(links(graph)).toEqual(['MUL > ADD', 'ADD > MUL', 'ADD > t4', 'DEQUANTIZE > t6']);
  });

  it('counts shared bytes once and names scales per channel', () => {
    const graph = buildViewGraph(
      sketchModel({
        tensors: [{}, { type: 'INT8', bytes: 16, shape: [4, 4], scales: 4 }, {}, {}],
        operators: [
          { kind: 'FULLY_CONNECTED', inputs: [0, 1, -1], outputs: [2] },
          { kind: 'FULLY_CONNECTED', inputs: [2, 1, -1], outputs: [3] },
        ],
        inputs: [0],
        outputs: [3],
      }),
      0,
    );
    expect(graph.nodes.map(({ sizeBytes }) => sizeBytes)).toEqual([0, 16, 0, 0]);
    expect(graph.nodes[1]!.rows).toMatchObject([{ dtype: 'int8·ch' }]);
    expect(graph.notices).toEqual([]);
  });

  it('draws what it can of a broken subgraph and says what is missing', () => {
    const model = sketchModel({
      tensors: [{}, {}, {}],
      operators: [
        { kind: 'ADD', inputs: [0, 1], outputs: [2] },
        { kind: 'RELU', inputs: [7], outputs: [] },
        { kind: 'RELU', inputs: [0], outputs: [2] },
      ],
      inputs: [0],
      outputs: [2, 9],
    });
    const broken = {
      ...model,
      operatorCodes: model.operatorCodes.slice(0, 2),
    };
    const graph = buildViewGraph(broken, 0);
    expect(titles(graph)).toEqual(['t0', 'ADD', 'RELU', 'UNKNOWN', 't2', 'output 1']);
    expect(links(graph)).toEqual(['t0 > ADD', 't0 > UNKNOWN', 'ADD > t2']);
    expect(graph.notices.join(' ')).toMatch(
      /2 operands point outside.*1 operand is .*never written.*1 result overwrites/,
    );
  });

  it('survives any indexes', () => {
    const index = fc.integer({ min: -3, max: 8 });
    const list = fc.array(index, { maxLength: 4 });
    const kind = fc.constantFrom(
      'ADD' as const,
      'DEQUANTIZE' as const,
      'DENSIFY' as const,
      'CONV_2D' as const,
    );
    const operator = fc.record({ kind, inputs: list, outputs: list });
    fc.assert(
      fc.property(
        fc.array(operator, { maxLength: 8 }),
        fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
        list,
        list,
        fc.boolean(),
        (operators, constants, inputs, outputs, folded) => {
          const tensors = constants.map((isConstant) => (isConstant ? { bytes: 16 } : {}));
          const graph = buildViewGraph(sketchModel({ tensors, operators, inputs, outputs }), 0, { folded });
          const isNode = (v: number) => v >= 0 && v < graph.nodes.length;
          expect([...graph.edgeFrom, ...graph.edgeTo, ...graph.nodeOfOperator].every(isNode)).toBe(true);
          expect(graph.edgeLabel.length).toBe(graph.edgeFrom.length);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('refuses a subgraph that is not there', () => {
    expect(() => buildViewGraph(halfWeights, 3)).toThrow(ModelError);
  });
});
