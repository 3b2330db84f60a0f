import { describe, expect, it } from 'vitest';
import type { DiffEntry } from '../../../src/core/graph/diff';
import type { ViewNode } from '../../../src/core/graph/types';
import { partnerNodes, type Placed, pointBeside } from '../../../src/views/diff/camera-link';
import { stepEntry } from '../../../src/views/diff/steps';

/** A chain of nodes at these heights, operator i shown by node `nodeOfOperator[i]`. */
function placed(y: readonly number[], nodeOfOperator: readonly number[], x = 0): Placed {
  return {
    layout: {
      direction: 'down',
      x: new Float64Array(y.length).fill(x),
      y: Float64Array.from(y),
    } as unknown as Placed['layout'],
    graph: {
      nodes: y.map(() => ({}) as ViewNode),
      nodeOfOperator: Int32Array.from(nodeOfOperator),
    },
  };
}

describe('cameras side by side', () => {
  // The second graph has one more operator (1) in between, and lies 50 further to the right.
  const left = placed([0, 100, 200], [0, 1, 2]);
  const right = placed([0, 100, 200, 300], [0, 1, 2, 3], 50);
  const partners = partnerNodes(left, right, Int32Array.of(0, 2, 3));

  it('finds the nodes of partners, also where one node shows several operators', () => {
    expect([...partners]).toEqual([0, 2, 3]);
    const collapsed = placed([0, 300], [0, 1, 1, 1]);
    expect([...partnerNodes(left, collapsed, Int32Array.of(0, 2, 3))]).toEqual([0, 1, 1]);
    expect([...partnerNodes(left, right, Int32Array.of(-1, -1, 3))]).toEqual([-1, -1, 3]);
  });

  it('puts partners beside each other and goes evenly in between', () => {
    expect(pointBeside(left, right, partners, 0, 0)).toEqual({ x: 50, y: 0 });
    expect(pointBeside(left, right, partners, 0, 100)).toEqual({ x: 50, y: 200 });
    expect(pointBeside(left, right, partners, 10, 50)).toEqual({ x: 60, y: 100 });
    // Beyond the last pair its distance stays.
    expect(pointBeside(left, right, partners, 0, 260)).toEqual({ x: 50, y: 360 });
    expect(pointBeside(left, right, partners, 0, -30)).toEqual({ x: 50, y: -30 });
  });

  it('knows of no place where nothing belongs together', () => {
    expect(pointBeside(left, right, Int32Array.of(-1, -1, -1), 0, 0)).toBeNull();
  });
});

describe('stepEntry', () => {
  const entry = (before: number, after: number): DiffEntry => ({
    before,
    after,
    kind: 'ADD',
    name: '',
    changes: ['bytes'],
    detail: '',
  });
  const entries = [entry(-1, 0), entry(2, 3), entry(4, -1), entry(6, 7)];

  it('goes around, from the first or the last where nothing is selected', () => {
    expect(stepEntry(entries, null, -1, 1)).toBe(entries[0]);
    expect(stepEntry(entries, null, -1, -1)).toBe(entries[3]);
    expect(stepEntry(entries, { side: 'after', operator: 3 }, 2, 1)).toBe(entries[2]);
    expect(stepEntry(entries, { side: 'before', operator: 4 }, -1, 1)).toBe(entries[3]);
    expect(stepEntry(entries, { side: 'after', operator: 7 }, 6, 1)).toBe(entries[0]);
    expect(stepEntry(entries, { side: 'after', operator: 0 }, -1, -1)).toBe(entries[3]);
  });

  it('goes on from an operator that has not changed', () => {
    expect(stepEntry(entries, { side: 'after', operator: 5 }, 4, 1)).toBe(entries[3]);
    expect(stepEntry(entries, { side: 'before', operator: 3 }, 4, -1)).toBe(entries[1]);
  });

  it('has nowhere to go without changes', () => {
    expect(stepEntry([], null, -1, 1)).toBeNull();
  });
});
