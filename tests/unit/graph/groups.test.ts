import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildViewGraph } from '../../../src/core/graph/build';
import { findGroups, groupsOf } from '../../../src/core/graph/groups';
import { collapsedAtFirst, drawGraph, framesOf, groupsAround } from '../../../src/core/graph/groups-draw';
import { scopesOf } from '../../../src/core/graph/groups-names';
import { layoutGraph } from '../../../src/core/graph/layout/layout';
import { quickLayout } from '../../../src/core/graph/layout/quick';
import type { Groups, ViewGraph } from '../../../src/core/graph/types';
import { blockGraph, chainGraph, requestFor, scopedGraph, type Links } from '../../bench/graph-models';
import { optionsOf } from '../integer/operators';
import { type OperatorSketch, sketchModel } from './models';

/** A graph of operators with names, kinds and links. */
function graphOf(links: Links, names: readonly string[], kinds?: readonly string[]): ViewGraph {
  const graph = scopedGraph(links);
  return {
    ...graph,
    nodes: graph.nodes.map((node, v) => ({ ...node, name: names[v]!, title: kinds?.[v] ?? node.title })),
  };
}

const namesOf = ({ list }: Groups) => list.map(({ name }) => name);
const membersOf = ({ groupOfNode }: Groups, group: number) =>
  [...groupOfNode.keys()].filter((v) => groupOfNode[v] === group);

/** Any names over a few scopes, any links. */
const anyGraph = fc.integer({ min: 1, max: 30 }).chain((count) => {
  const node = fc.integer({ min: 0, max: count - 1 });
  const scope = fc.constantFrom('a', 'b', 'c', '');
  const name = fc.array(scope, { maxLength: 5 }).map((parts) => parts.join('/'));
  return fc
    .record({
      names: fc.array(name, { minLength: count, maxLength: count }),
      edges: fc.array(fc.tuple(node, node), { maxLength: 60 }),
      isAcyclic: fc.boolean(),
    })
    .map(({ names, edges, isAcyclic }) => {
      const ends = isAcyclic
        ? edges.filter(([a, b]) => a !== b).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
        : edges;
      const links = { count, from: ends.map(([a]) => a), to: ends.map(([, b]) => b) };
      return { graph: graphOf(links, names), isAcyclic };
    });
});

describe('scopesOf', () => {
  it.each([
    ['a/b/Relu', ['a', 'b']],
    ['a/b/Relu;a/b/BiasAdd;a/c/Conv2D', ['a']],
    ['block/Relu;other/BiasAdd', ['block']],
    ['add;block/Relu', ['block']],
    ['layer//x;3', ['layer', 'x']],
    ['net/layer/Norm_0;', ['net', 'layer', 'Norm_0']],
    ['net/layer/Norm_0;;net/layer/Linear_1;2', ['net', 'layer']],
    ['net/layer/Norm_0;;XlaCallModule', ['net', 'layer', 'Norm_0']],
    ['net;;net/layer/Linear_1;2', ['net', 'layer', 'Linear_1']],
    ['Relu', []],
    ['', []],
  ])('reads %j', (name, scopes) => expect(scopesOf(name)).toEqual(scopes));
});

describe('findGroups', () => {
  it('follows scopes, without groups of one operator, of everything, or with a single child', () => {
    const names = ['m/a/x', 'm/a/y', 'm/b/c/x', 'm/b/c/y', 'm/d/x', 'm/e/f/x', 'm/e/y'];
    const groups = findGroups(graphOf(chainGraph(7), names));
    expect(namesOf(groups)).toEqual(['a', 'b/c', 'e']);
    expect([0, 1, 2].map((g) => membersOf(groups, g))).toEqual([
      [0, 1],
      [2, 3],
      [5, 6],
    ]);
    expect(groups.list[0]).toMatchObject({ parent: -1, operatorCount: 2, repeats: 2, ordinal: 1 });
  });

  it('tells groups that are built alike by structure, not by name', () => {
    const names = ['a/x', 'a/y', 'b/x', 'b/y', 'c/x', 'c/y'];
    const kinds = ['ADD', 'MUL', 'ADD', 'MUL', 'MUL', 'ADD'];
    const { list } = findGroups(graphOf(chainGraph(6), names, kinds));
    expect(list.map(({ repeats, ordinal }) => [repeats, ordinal])).toEqual([
      [2, 1],
      [2, 2],
      [1, 1],
    ]);
  });

  it('leaves out a group that would close a cycle', () => {
    const names = ['a/1', 'b/1', 'a/2', 'b/2', 'a/3', 'c/1', 'c/2', 'c/3', 'e'];
    const groups = findGroups(graphOf(chainGraph(9), names));
    expect(namesOf(groups)).toEqual(['c']);
  });

  it('finds blocks that repeat where names say nothing, from where one result passes', () => {
    const block = ['CONV_2D', 'RELU', 'CONV_2D', 'ADD'];
    const kinds = [
      'PAD',
      'MAX_POOL_2D',
      ...Array.from({ length: 12 }, () => block).flat(),
      'MEAN',
      'SOFTMAX',
    ];
    const from: number[] = [];
    const to: number[] = [];
    kinds.forEach((kind, v) => {
      if (v === 0) return;
      from.push(v - 1);
      to.push(v);
      if (kind !== 'ADD') return;
      from.push(v - 4);
      to.push(v);
    });
    const graph = graphOf(
      { count: kinds.length, from, to },
      kinds.map((_, v) => `t${v}`),
      kinds,
    );
    const groups = findGroups(graph);
    expect(namesOf(groups)).toEqual([
      '12 × CONV_2D to ADD',
      ...Array.from({ length: 12 }, () => 'CONV_2D to ADD'),
    ]);
    const blocks = groups.list.slice(1);
    expect(blocks.map(({ parent, repeats }) => [parent, repeats])).toEqual(new Array(12).fill([0, 12]));
    expect(blocks.map(({ ordinal }) => ordinal)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
    expect(membersOf(groups, 1)).toEqual([2, 3, 4, 5]);
  });

  it('finds pairs that come many times, behind what stands alone, whatever their sizes', () => {
    const pairs = Array.from({ length: 12 }, () => ['DEPTHWISE_CONV_2D', 'CONV_2D']).flat();
    const kinds = ['CONV_2D', ...pairs, 'MEAN'];
    const links = chainGraph(kinds.length);
    const names = kinds.map((_, v) => `t${v}`);
    const graph = graphOf(links, names, kinds);
    const sized = { ...graph, edgeLabel: graph.edgeLabel.map((_, e) => `1×${64 - e}×${64 - e}×8 f32`) };
    const groups = findGroups(sized);
    const [all, ...blocks] = groups.list;
    expect(all).toMatchObject({ name: '12 × DEPTHWISE_CONV_2D to CONV_2D', operatorCount: 24 });
    expect(blocks.map(({ repeats }) => repeats)).toEqual(new Array(12).fill(12));
    expect(membersOf(groups, 1)).toEqual([1, 2]);
    // Of other dtypes they are others.
    const mixed = graph.edgeLabel.map((_, e) => (e < 12 ? '1×8 f32' : '1×8 int8'));
    for (const { repeats } of findGroups({ ...graph, edgeLabel: mixed }).list)
      expect(repeats).toBeLessThan(12);
  });

  it('tells blocks of one name that are built differently apart, by letters', () => {
    const [short, long] = [
      ['CONV_2D', 'RELU', 'ADD'],
      ['CONV_2D', 'TANH', 'MUL', 'ADD'],
    ];
    const kinds = [
      ...Array.from({ length: 5 }, () => short).flat(),
      'MEAN',
      ...Array.from({ length: 3 }, () => long).flat(),
      'SOFTMAX',
    ];
    const names = kinds.map((_, v) => `t${v}`);
    expect(namesOf(findGroups(graphOf(chainGraph(kinds.length), names, kinds)))).toEqual([
      '5 × CONV_2D to ADD (A)',
      ...new Array<string>(3).fill('CONV_2D to ADD (B)'),
      ...new Array<string>(5).fill('CONV_2D to ADD (A)'),
    ]);
  });

  it('counts options as a difference between blocks, and sizes not', () => {
    const blocks = 10;
    const repeats = (options: (block: number) => Record<string, unknown>) => {
      const model = sketchModel({
        tensors: Array.from({ length: 3 * blocks + 1 }, () => ({ name: '' })),
        operators: Array.from({ length: 3 * blocks }, (_, i): OperatorSketch => {
          const kind = (['MAX_POOL_2D', 'RELU', 'TANH'] as const)[i % 3]!;
          const fields = { padding: 'SAME', strideW: 1, strideH: 1, ...options(Math.floor(i / 3)) };
          const pool = i % 3 === 0 ? { options: optionsOf('Pool2DOptions', fields) } : {};
          return { kind, inputs: [i], outputs: [i + 1], ...pool };
        }),
        inputs: [0],
        outputs: [3 * blocks],
      });
      return findGroups(buildViewGraph(model, 0), model).list.map((group) => group.repeats);
    };
    // The first one is the row of all blocks.
    expect(repeats(() => ({}))).toEqual([1, ...new Array<number>(blocks).fill(blocks)]);
    expect(repeats((block) => ({ filterWidth: 2 + block }))).toEqual(repeats(() => ({})));
    const tiled = (block: number) => ({
      strideW: 2 + block,
      strideH: 2,
      filterWidth: 2 + block,
      filterHeight: 2,
    });
    expect(repeats(tiled)).toEqual(repeats(() => ({})));
    expect(repeats((block) => ({ strideW: block < 4 ? 2 : 1 }))).toEqual([
      1,
      ...new Array<number>(4).fill(4),
      ...new Array<number>(6).fill(6),
    ]);
  });

  it('takes in what lies between operators of one group only', () => {
    const names = ['x', 'a/1', 'a/2', 'shared', 'a/3', 'b/1', 'b/2', 'y'];
    const groups = findGroups(graphOf(chainGraph(8), names));
    expect(namesOf(groups)).toEqual(['a', 'b']);
    expect(membersOf(groups, 0)).toEqual([1, 2, 3, 4]);
    expect(membersOf(groups, 1)).toEqual([5, 6]);
  });

  it('leaves blocks that have names as they are', () => {
    const names = Array.from({ length: 60 }, (_, v) => `block_${v >> 1}/${v % 2}`);
    const kinds = Array.from({ length: 60 }, (_, v) => (v % 6 < 2 ? 'CONV_2D' : 'ADD'));
    expect(namesOf(findGroups(graphOf(chainGraph(60), names, kinds)))).toEqual(
      Array.from({ length: 30 }, (_, block) => `block_${block}`),
    );
  });

  it('puts many equal blocks into one group', () => {
    const { list } = findGroups({ ...scopedGraph(blockGraph(1400)), ...unnamed(blockGraph(1400)) });
    expect(list[0]!.name).toMatch(/^\d+ × /);
    expect(list.filter(({ parent }) => parent === 0).length).toBeGreaterThan(90);
  });

  it('gives sound groups and pictures for any names and links', () => {
    fc.assert(
      fc.property(anyGraph, fc.array(fc.boolean(), { maxLength: 40 }), ({ graph, isAcyclic }, choices) => {
        const groups = findGroups(graph);
        const { list } = groups;
        expect(new Set(list.map(({ key }) => key)).size).toBe(list.length);
        list.forEach(({ parent, operatorCount }, g) => {
          expect(parent).toBeLessThan(g);
          expect(operatorCount).toBeGreaterThanOrEqual(2);
          expect(operatorCount).toBeLessThan(graph.nodes.length);
        });
        const collapsed = new Set(list.flatMap(({ key }, g) => (choices[g] ? [key] : [])));
        const drawn = drawGraph(graph, groups, collapsed);
        drawn.nodeOfOperator.forEach((v, operator) => {
          const node = drawn.nodes[v]!;
          const around = groupsAround(groups, operator);
          expect(node.kind === 'group' ? around.includes(node.index) : node.index === operator).toBe(true);
        });
        if (isAcyclic) {
          const request = { ...requestFor(linksOf(drawn)), frames: framesOf(drawn, 28, 16, () => 100) };
          expect(layoutGraph(request).isReversed.some((flag) => flag === 1)).toBe(false);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('takes names of 10,000 characters and graphs of 100,000 operators', () => {
    const long = Array.from({ length: 30 }, (_, v) => `${'s/'.repeat(4000)}${'x'.repeat(2000)}${v}`);
    expect(findGroups(graphOf(chainGraph(30), long)).list.length).toBeLessThan(30);
    const graph = scopedGraph(blockGraph(100_000));
    const groups = groupsOf(graph);
    expect(groups.list.length).toBeGreaterThan(5000);
    expect(groupsOf(graph)).toBe(groups);
    const drawn = drawGraph(graph, groups, collapsedAtFirst(graph, groups));
    expect(drawn.nodes.length).toBeLessThanOrEqual(300);
  });
});

function linksOf({ nodes, edgeFrom, edgeTo }: ViewGraph): Links {
  return { count: nodes.length, from: [...edgeFrom], to: [...edgeTo] };
}

function unnamed(links: Links): Pick<ViewGraph, 'nodes'> {
  return { nodes: scopedGraph(links).nodes.map((node, v) => ({ ...node, name: `t${v}` })) };
}

describe('drawGraph', () => {
  const names = ['in', 'a/1', 'a/2', 'a/b/3', 'a/b/4', 'out', 'more'];
  const links = { count: 7, from: [0, 0, 1, 2, 2, 3, 4, 4], to: [1, 3, 2, 3, 4, 4, 5, 6] };
  const graph = graphOf(links, names);
  const groups = findGroups(graph);
  const keys = (...numbers: number[]) => new Set(numbers.map((g) => groups.list[g]!.key));

  it('shows a collapsed group as one node and merges edges by tensor', () => {
    expect(namesOf(groups)).toEqual(['a', 'b']);
    const drawn = drawGraph(graph, groups, keys(0));
    expect(drawn.nodes.map(({ kind, title }) => (kind === 'group' ? title : kind))).toEqual([
      'operator',
      'a',
      'operator',
      'operator',
    ]);
    expect([...drawn.edgeFrom.keys()].map((e) => `${drawn.edgeFrom[e]}-${drawn.edgeTo[e]}`)).toEqual([
      '0-1',
      '1-2',
      '1-3',
    ]);
    expect(drawn.nodes[1]).toMatchObject({ kind: 'group', index: 0, macs: 0 });
    expect([...drawn.frames]).toEqual([]);
  });

  it('keeps frames around what is open, and gives the same picture after closing and opening', () => {
    const open = drawGraph(graph, groups, new Set());
    expect([...open.frames]).toEqual([0, 1]);
    expect([...open.frameParent]).toEqual([-1, 0]);
    expect([...open.frameOfNode]).toEqual([-1, 0, 0, 1, 1, -1, -1]);
    const collapsed = keys(1);
    const half = drawGraph(graph, groups, collapsed);
    expect([...half.frameOfNode]).toEqual([-1, 0, 0, 0, -1, -1]);
    collapsed.clear();
    const request = (drawn: typeof open) => ({
      ...requestFor(linksOf(drawn)),
      frames: framesOf(drawn, 28, 16, () => 100),
    });
    expect(layoutGraph(request(drawGraph(graph, groups, collapsed)))).toEqual(layoutGraph(request(open)));
    expect(layoutGraph(request(half)).frameBounds.length).toBe(4);
  });

  it('opens small graphs whole and large ones with few nodes', () => {
    expect(collapsedAtFirst(graph, groups).size).toBe(0);
    const large = scopedGraph(blockGraph(2000));
    const found = findGroups(large);
    const drawn = drawGraph(large, found, collapsedAtFirst(large, found));
    expect(drawn.nodes.length).toBeLessThanOrEqual(300);
    expect(drawn.nodes.some(({ kind }) => kind === 'operator')).toBe(true);
    expect(drawn.nodes.some(({ kind }) => kind === 'group')).toBe(true);
  });
});

describe.each(['down', 'right'] as const)('quickLayout %s', (direction) => {
  it('puts every node into the row of its rank, apart from the others', () => {
    const request = requestFor(blockGraph(40), direction);
    const { x, y, rank, width, height } = quickLayout(request);
    for (let v = 0; v < 40; v++) {
      expect(x[v]! - 100).toBeGreaterThanOrEqual(-1e-6);
      expect(x[v]! + 100).toBeLessThanOrEqual(width + 1e-6);
      expect(y[v]! + 42).toBeLessThanOrEqual(height + 1e-6);
      for (let w = v + 1; w < 40; w++) {
        const isApart = Math.abs(x[v]! - x[w]!) >= 200 - 1e-6 || Math.abs(y[v]! - y[w]!) >= 84 - 1e-6;
        expect(isApart).toBe(true);
      }
    }
    request.edgeFrom.forEach((from, e) => expect(rank[from]).toBeLessThan(rank[request.edgeTo[e]!]!));
  });

  it('draws graphs with cycles and of nothing', () => {
    const cycle = quickLayout(requestFor({ count: 3, from: [0, 1, 2, 1], to: [1, 2, 0, 1] }, direction));
    expect(cycle.x.every(Number.isFinite)).toBe(true);
    expect([...cycle.isReversed]).toEqual([0, 0, 1, 1]);
    expect(quickLayout(requestFor({ count: 0, from: [], to: [] }, direction))).toMatchObject({
      width: 0,
      height: 0,
    });
  });
});
