import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { finish } from '../../../src/core/steps';
import { layoutGraph } from '../../../src/core/graph/layout/layout';
import { BoxIndex } from '../../../src/views/graph/box-index';
import { layoutRequest, cardSteps } from '../../../src/views/graph/cards';
import { hitScene } from '../../../src/views/graph/hit';
import { sceneSteps, nodeBox, type Scene } from '../../../src/views/graph/scene';
import {
  cardsOf,
  describeSelection,
  nodeOf,
  nodesToShow,
  selectionOf,
} from '../../../src/views/graph/selection';
import type { Theme } from '../../../src/views/graph/theme';
import { stepOf, walk } from '../../../src/views/graph/walk';
import { buildViewGraph } from '../../../src/core/graph/build';
import { makeTable } from '../../../src/core/model/schema/tflite';
import { drawGraph } from '../../../src/core/graph/groups-draw';
import type { Group } from '../../../src/core/graph/types';
import { sketchModel } from './models';

/** a -> SPLIT -> (RELU, RELU6) -> ADD (with a skip from a) -> out. */
const model = sketchModel({
  tensors: [{}, {}, {}, {}, {}, {}, { bytes: 16, name: 'axis' }],
  operators: [
    { kind: 'SPLIT', inputs: [6, 0], outputs: [1, 2] },
    { kind: 'RELU', inputs: [1], outputs: [3] },
    { kind: 'RELU6', inputs: [2], outputs: [4] },
    { kind: 'ADD_N', inputs: [3, 4, 0], outputs: [5] },
  ],
  inputs: [0],
  outputs: [5],
});
const theme = { font: 'sans', mono: 'mono' } as Theme;

function sceneFor(direction: 'down' | 'right'): Scene {
  const graph = buildViewGraph(model, 0);
  const cards = finish(cardSteps(graph, (text) => 7 * text.length, theme));
  return finish(sceneSteps(graph, cards, layoutGraph(layoutRequest(graph, cards, direction))));
}
const [INPUT, SPLIT, RELU, RELU6, ADD, OUTPUT] = [0, 1, 2, 3, 4, 5] as const;

describe('BoxIndex', () => {
  it('finds what a plain search finds', () => {
    const coordinate = fc.integer({ min: 0, max: 200 });
    const box = fc.tuple(coordinate, coordinate, coordinate, coordinate);
    fc.assert(
      fc.property(fc.array(box, { maxLength: 80 }), box, (boxes, [x, y, width, height]) => {
        const index = new BoxIndex(Float64Array.from(boxes.flatMap(([l, t, w, h]) => [l, t, l + w, t + h])));
        const found: number[] = [];
        index.search(x, y, x + width, y + height, (i) => found.push(i));
        const meets = boxes.flatMap(([l, t, w, h], i) =>
          l <= x + width && l + w >= x && t <= y + height && t + h >= y ? [i] : [],
        );
        expect(found.sort((a, b) => a - b)).toEqual(meets);
      }),
    );
  });
});

describe.each(['down', 'right'] as const)('a scene drawn %s', (direction) => {
  const scene = sceneFor(direction);

  it('hits nodes, rows and edges, and nothing beside them', () => {
    const box = nodeBox(scene, SPLIT);
    expect(hitScene(scene, box.left + 5, box.top + 5, 4)).toEqual({
      kind: 'node',
      node: SPLIT,
      tensor: null,
    });
    expect(hitScene(scene, box.left + 20, box.top + 40, 4)).toMatchObject({ kind: 'node', tensor: 6 });
    const { points, pointStart } = scene.layout;
    for (let e = 0; e < scene.graph.edgeFrom.length; e++) {
      const i = pointStart[e]!;
      const [x, y] = [
        (points[2 * i]! + points[2 * i + 2]!) / 2,
        (points[2 * i + 1]! + points[2 * i + 3]!) / 2,
      ];
      expect(hitScene(scene, x, y, 3)?.kind).toBe('edge');
    }
    expect(hitScene(scene, -50, -50, 4)).toBeNull();
  });

  it('is walked along producers, consumers and neighbours, and back', () => {
    const first = walk(scene, SPLIT, 'consumer');
    expect([RELU, RELU6]).toContain(first);
    const other = first === RELU ? RELU6 : RELU;
    const toOther =
      scene.layout[direction === 'down' ? 'x' : 'y'][other]! >
      scene.layout[direction === 'down' ? 'x' : 'y'][first]!
        ? 'next'
        : 'previous';
    expect(walk(scene, first, toOther)).toBe(other);
    expect(walk(scene, ADD, 'producer', RELU6)).toBe(RELU6);
    expect(walk(scene, ADD, 'producer', RELU)).toBe(RELU);
    expect(walk(scene, INPUT, 'producer')).toBe(-1);
    expect(walk(scene, OUTPUT, 'next')).toBe(-1);
  });

  it('gives several outputs ports and labels of their own', () => {
    const { graph, layout, cards } = scene;
    const edges = [...graph.edgeFrom.keys()].filter((e) => graph.edgeFrom[e] === SPLIT);
    const starts = edges.map(
      (e) => `${layout.points[2 * layout.pointStart[e]!]} ${layout.points[2 * layout.pointStart[e]! + 1]}`,
    );
    expect(new Set(starts).size).toBe(2);
    expect(edges.every((e) => cards.labelWidths[e]! > 0)).toBe(true);
  });
});

describe('selection', () => {
  const { graph } = sceneFor('down');
  it('goes from nodes to operators and tensors and back', () => {
    expect(selectionOf(graph, SPLIT)).toEqual({ kind: 'operator', index: 0 });
    expect(selectionOf(graph, INPUT)).toEqual({ kind: 'tensor', index: 0 });
    expect(nodeOf(graph, { kind: 'operator', index: 3 })).toBe(ADD);
    expect(nodeOf(graph, { kind: 'operator', index: 99 })).toBe(-1);
    expect(nodeOf(graph, null)).toBe(-1);
  });
  it('shows the ends of a tensor, or the card with its row', () => {
    expect(nodesToShow(graph, { kind: 'tensor', index: 3 })).toEqual([RELU, ADD]);
    expect(nodesToShow(graph, { kind: 'tensor', index: 6 })).toEqual([SPLIT]);
  });
});

describe('a tensor that has no edge', () => {
  /** image -> q -> CONV_2D (float16 filter through DEQUANTIZE) -> dq -> out, and the same filter in a second one. */
  const integer = { type: 'INT8' as const, scales: 1 };
  const [HALF, FILTER, IMAGE_Q, CONV_Q, OTHER, UNREAD] = [1, 2, 3, 4, 6, 8] as const;
  const folded = sketchModel({
    tensors: [
      { name: 'image' },
      { name: 'half', type: 'FLOAT16', bytes: 8 },
      { name: 'filter' },
      { ...integer, name: 'image_q' },
      { ...integer, name: 'conv_q' },
      { name: 'conv' },
      { name: 'other' },
      { name: 'first' },
      { name: 'unread' },
    ],
    operators: [
      { kind: 'QUANTIZE', inputs: [0], outputs: [3] },
      { kind: 'DEQUANTIZE', inputs: [1], outputs: [2] },
      { kind: 'CONV_2D', inputs: [3, 2], outputs: [4] },
      { kind: 'DEQUANTIZE', inputs: [4], outputs: [5] },
      { kind: 'MUL', inputs: [5, 2], outputs: [6] },
      { kind: 'SPLIT', inputs: [5], outputs: [7, 8] },
    ],
    inputs: [0],
    outputs: [7],
  });
  const [CONV, MUL, SPLITTER] = [1, 2, 3] as const;
  const tensor = (index: number) => ({ kind: 'tensor', index }) as const;
  const shown = buildViewGraph(folded, 0);

  it('is shown by the cards that what makes or reads it is folded into', () => {
    expect(shown.nodes.map(({ title }) => title)).toEqual(['image', 'CONV_2D', 'MUL', 'SPLIT', 'first']);
    expect(cardsOf(shown, tensor(IMAGE_Q))).toEqual([CONV]);
    expect(cardsOf(shown, tensor(CONV_Q))).toEqual([CONV]);
    expect(cardsOf(shown, tensor(HALF))).toEqual([CONV, MUL]);
    expect(cardsOf(shown, tensor(FILTER))).toEqual([CONV, MUL]);
    expect(cardsOf(shown, tensor(OTHER))).toEqual([MUL]);
    expect(cardsOf(shown, tensor(UNREAD))).toEqual([SPLITTER]);
    expect(nodesToShow(shown, tensor(FILTER))).toEqual([CONV, MUL]);
  });
  it('is all that cards stand for: not what has a node or an edge, and nothing unknown', () => {
    for (const index of [0, 5, 7, 99]) expect(cardsOf(shown, tensor(index))).toEqual([]);
    expect(cardsOf(shown, { kind: 'operator', index: 2 })).toEqual([]);
    expect(cardsOf(shown, null)).toEqual([]);
  });
  it('is what nobody reads where nothing is folded', () => {
    const { hidden, nodes } = buildViewGraph(folded, 0, { folded: false });
    expect([...hidden!.tensors]).toEqual([OTHER, UNREAD]);
    expect(Array.from(hidden!.nodes, (v) => nodes[v]!.title)).toEqual(['MUL', 'SPLIT']);
  });
  it('is one of scales for the tensors of an operator, or between the steps of one', () => {
    const plain = sketchModel({
      tensors: [{}, { type: 'INT4', bytes: 8 }, { type: 'FLOAT16', bytes: 4 }, {}, { type: 'INT8' }],
      operators: [{ kind: 'FULLY_CONNECTED', inputs: [0, 1, -1], outputs: [3] }],
      ...{ inputs: [0], outputs: [3] },
    });
    const [main] = plain.subgraphs;
    const details = {
      type: 'BlockwiseQuantization',
      value: makeTable('BlockwiseQuantization', { scales: 2, zeroPoints: 0, blockSize: 2 }),
    } as const;
    const tensors = main!.tensors.map((one, t) =>
      t === 1 ? { ...one, quantization: makeTable('QuantizationParameters', { details }) } : one,
    );
    const operators = main!.operators.map((one) => ({ ...one, intermediates: Int32Array.of(4) }));
    const graph = buildViewGraph({ ...plain, subgraphs: [{ ...main!, tensors, operators }] }, 0);
    expect([...graph.hidden!.tensors]).toEqual([2, 4]);
    expect(cardsOf(graph, tensor(2))).toEqual([1]);
    expect(cardsOf(graph, tensor(4))).toEqual([1]);
  });
  it('is said with the operator that it belongs to', () => {
    expect(describeSelection(shown, tensor(IMAGE_Q))).toBe('tensor 3, at CONV_2D, operator 2');
    expect(describeSelection(shown, tensor(HALF))).toBe('tensor 1, at 2 operators');
    expect(describeSelection(shown, tensor(5))).toBe('tensor 5, 1×4 f32');
    expect(describeSelection(shown, tensor(99))).toBe('tensor 99');
  });
  it('and one whose edge lies in a collapsed group are shown by the group', () => {
    const group: Group = {
      ...{ name: 'block', key: 'block', parent: -1, operatorCount: 3, macs: 0, sizeBytes: 0 },
      ...{ repeats: 1, ordinal: 1, first: CONV },
    };
    const groups = { list: [group], groupOfNode: Int32Array.of(-1, 0, 0, 0, -1) };
    const drawn = drawGraph(shown, groups, new Set(['block']));
    const block = drawn.nodes.findIndex(({ kind }) => kind === 'group');
    for (const index of [HALF, FILTER, IMAGE_Q, CONV_Q, OTHER, 5]) {
      expect(cardsOf(drawn, tensor(index))).toEqual([block]);
    }
    expect(cardsOf(drawn, tensor(7))).toEqual([]);
  });
  it('never leads outside the graph, whatever the wiring', () => {
    const operand = fc.integer({ min: -1, max: 9 });
    const operator = fc.record({
      kind: fc.constantFrom('QUANTIZE' as const, 'DEQUANTIZE' as const, 'ADD' as const, 'RELU' as const),
      inputs: fc.array(operand, { maxLength: 3 }),
      outputs: fc.array(operand, { maxLength: 2 }),
    });
    fc.assert(
      fc.property(fc.array(operator, { maxLength: 8 }), (operators) => {
        const tensors = Array.from({ length: 8 }, (_, t) => (t % 2 === 0 ? {} : integer));
        const graph = buildViewGraph(sketchModel({ tensors, operators, inputs: [0], outputs: [7] }), 0);
        operators.forEach(({ inputs, outputs }) => {
          for (const t of [...inputs, ...outputs]) {
            if (t < 0 || t >= tensors.length) continue;
            expect(nodesToShow(graph, tensor(t)).length).toBeGreaterThan(0);
          }
        });
        expect(graph.hidden!.nodes.every((v) => graph.nodes[v]?.kind === 'operator')).toBe(true);
      }),
    );
  });
});

it('names the arrow keys by direction', () => {
  expect(stepOf('ArrowDown', 'down')).toBe('consumer');
  expect(stepOf('ArrowDown', 'right')).toBe('next');
  expect(stepOf('ArrowRight', 'right')).toBe('consumer');
  expect(stepOf('a', 'down')).toBeNull();
});
