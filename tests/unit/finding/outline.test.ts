import { describe, expect, it } from 'vitest';
import {
  branchesAround,
  groupKey,
  operatorKey,
  type OutlineSource,
  outlineRows,
  subgraphKey,
} from '../../../src/core/graph/outline';
import type { Group, Groups } from '../../../src/core/graph/types';
import { blockGraph, chainGraph, scopedGraph } from '../../bench/graph-models';
import { findGroups } from '../../../src/core/graph/groups';

const graph = scopedGraph(blockGraph(100));
const groups = findGroups(graph);
const source = (change: Partial<OutlineSource> = {}): OutlineSource => ({
  ...{ graph, groups, subgraphs: ['0: main'], subgraph: 0, closed: new Set<string>() },
  ...change,
});

/** Every row against the rows around it. */
function expectSound(rows: ReturnType<typeof outlineRows>): void {
  const children = new Map<number, number>();
  rows.forEach((row, at) => {
    const parent = rows[row.parent];
    expect(row.parent).toBeLessThan(at);
    expect(row.level).toBe(parent ? parent.level + 1 : 1);
    if (parent) expect('isOpen' in parent && parent.isOpen).toBe(true);
    const before = children.get(row.parent) ?? 0;
    expect(row.position).toBe(before + 1);
    children.set(row.parent, before + 1);
  });
  for (const row of rows) expect(row.siblings).toBe(children.get(row.parent));
  expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
}

describe('the rows of the outline', () => {
  it('hold every operator once, each below its group', () => {
    const rows = outlineRows(source());
    expectSound(rows);
    const operators = rows.flatMap((row) => (row.kind === 'operator' ? [row.node.index] : []));
    const drawn = graph.nodes.flatMap(({ kind, index }) => (kind === 'operator' ? [index] : []));
    expect([...operators].sort((a, b) => a - b)).toEqual(drawn);
    expect(rows.filter(({ kind }) => kind === 'group')).toHaveLength(groups.list.length);
  });
  it('leave out what lies in a closed group, and count it there', () => {
    const first = groups.list.findIndex(({ parent }) => parent === -1);
    const { key, operatorCount } = groups.list[first]!;
    const rows = outlineRows(source({ closed: new Set([groupKey(key)]) }));
    expectSound(rows);
    const at = rows.findIndex((row) => row.key === groupKey(key));
    expect(rows[at]).toMatchObject({ isOpen: false, count: operatorCount });
    expect(rows[at + 1]?.parent).not.toBe(at);
    expect(rows.length).toBeLessThan(outlineRows(source()).length);
  });
  it('show subgraphs as branches where there are several, open only the one that is shown', () => {
    const rows = outlineRows(source({ subgraphs: ['0: main', '1: body', '2: other'], subgraph: 1 }));
    expectSound(rows);
    const branches = rows.filter((row) => row.kind === 'subgraph');
    expect(branches.map(({ isOpen }) => isOpen)).toEqual([false, true, false]);
    expect(rows[1]?.key).toBe(subgraphKey(1));
    expect(rows[2]?.level).toBe(2);
  });
  it('are none before the graph is there', () => {
    expect(outlineRows(source({ graph: null, groups: null }))).toEqual([]);
    expect(outlineRows(source({ graph: null, groups: null, subgraphs: ['a', 'b'] }))).toHaveLength(2);
  });
  it('name the branches around an operator, outermost first', () => {
    const rows = outlineRows(source());
    for (const operator of [0, 50, 99]) {
      const way: string[] = [];
      let row = rows.find(({ key }) => key === operatorKey(operator));
      while (row && row.parent >= 0) way.unshift((row = rows[row.parent]!).key);
      expect(branchesAround(source(), operator)).toEqual(way);
    }
    expect(branchesAround(source({ subgraphs: ['a', 'b'] }), 0)[0]).toBe(subgraphKey(0));
    expect(branchesAround(source(), 1000)).toEqual([]);
  });
  it('take 20,000 operators in 10,000 groups, each within the other', () => {
    const long = scopedGraph(chainGraph(20_000));
    const depth = 10_000;
    const list = Array.from({ length: depth }, (_, g): Group => ({
      ...groups.list[0]!,
      key: `g${g}`,
      parent: g - 1,
    }));
    const deep: Groups = {
      ...groups,
      list,
      groupOfNode: Int32Array.from(long.nodes, (_, v) => Math.min(v, depth - 1)),
    };
    const rows = outlineRows(source({ graph: long, groups: deep }));
    expect(rows.filter(({ kind }) => kind === 'operator')).toHaveLength(20_000);
    expect(Math.max(...rows.map(({ level }) => level))).toBe(depth + 1);
  });
});
