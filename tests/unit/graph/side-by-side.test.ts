import { describe, expect, it } from 'vitest';
import { signsOf, spokenChange } from '../../../src/core/graph/change-words';
import type { DiffEntry } from '../../../src/core/graph/diff';
import type { DrawnGraph } from '../../../src/core/graph/groups-draw';
import type { Group, ViewGraph, ViewNode } from '../../../src/core/graph/types';
import { partnerNodes, type Placed, pointBeside } from '../../../src/views/diff/camera-link';
import { GroupLink, partnerGroups } from '../../../src/views/diff/group-link';
import { countBoth, shareScale } from '../../../src/views/diff/shared-scale';
import {
  cardAt,
  type ChangedCard,
  changedCards,
  hostOf,
  placeOf,
  type ShownGraphs,
  stepCard,
} from '../../../src/views/diff/steps';
import { rampFor } from '../../../src/views/graph/figure-overlays';
import type { Overlay } from '../../../src/views/graph/overlay';
import type { ChosenGroups } from '../../../src/views/graph/picture-link';

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

const entry = (before: number, after: number, kind = 'ADD'): DiffEntry => ({
  before,
  after,
  kind,
  name: '',
  changes: [before === -1 ? 'added' : after === -1 ? 'removed' : 'bytes'],
  detail: '',
});

/** A graph in which operator i is shown by the card of operator `hosts[i]`. */
function shownBy(hosts: readonly number[]): NonNullable<ShownGraphs['before']> {
  const own = hosts.flatMap((host, i) => (host === i ? [i] : []));
  return {
    nodes: own.map((index) => ({ kind: 'operator', index }) as ViewNode),
    nodeOfOperator: Int32Array.from(hosts, (host) => own.indexOf(host)),
  };
}

describe('cards that have changed', () => {
  // Before: DEQUANTIZE 0 is folded into CONV_2D 1, then ADD 2. After: CONV_2D 0, QUANTIZE 1 folded into ADD 2.
  const graphs = { before: shownBy([1, 1, 2]), after: shownBy([0, 2, 2]) };
  const partners = { partnerOfBefore: Int32Array.of(-1, 0, 2), partnerOfAfter: Int32Array.of(1, -1, 2) };
  const removed = entry(0, -1, 'DEQUANTIZE');
  const changed = entry(1, 0, 'CONV_2D');
  const added = entry(-1, 1, 'QUANTIZE');

  it('have each card once, with what is folded into it, its own change first', () => {
    expect(changedCards([removed, changed, added], graphs, partners)).toEqual([
      { before: 1, after: 0, entries: [changed, removed] },
      { before: 2, after: 2, entries: [added] },
    ]);
  });

  it('are as many as the changes where every operator has its card', () => {
    const all = { before: shownBy([0, 1, 2]), after: shownBy([0, 1, 2]) };
    const cards = changedCards([removed, changed, added], all, partners);
    expect(cards.map(placeOf)).toEqual([
      { side: 'before', operator: 0 },
      { side: 'after', operator: 0 },
      { side: 'after', operator: 1 },
    ]);
  });

  it('finds operators without a card of their own, and those of graphs that are not there yet', () => {
    expect(hostOf(graphs.before, 0)).toBe(1);
    expect(hostOf(null, 7)).toBe(7);
    const cards = changedCards([removed, changed, added], graphs, partners);
    expect(cardAt(cards, { side: 'before', operator: 1 })).toBe(0);
    expect(cardAt(cards, { side: 'after', operator: 2 })).toBe(1);
    expect(cardAt(cards, { side: 'after', operator: 9 })).toBe(-1);
  });
});

describe('stepCard', () => {
  const cards = [entry(-1, 0), entry(2, 3), entry(4, -1), entry(6, 7)].map((one) => ({
    before: one.before,
    after: one.after,
    entries: [one],
  }));

  it('goes around, from the first or the last where nothing is selected', () => {
    expect(stepCard(cards, null, -1, 1)).toBe(cards[0]);
    expect(stepCard(cards, null, -1, -1)).toBe(cards[3]);
    expect(stepCard(cards, { side: 'after', operator: 3 }, 2, 1)).toBe(cards[2]);
    expect(stepCard(cards, { side: 'before', operator: 4 }, -1, 1)).toBe(cards[3]);
    expect(stepCard(cards, { side: 'after', operator: 7 }, 6, 1)).toBe(cards[0]);
    expect(stepCard(cards, { side: 'after', operator: 0 }, -1, -1)).toBe(cards[3]);
  });

  it('goes on from an operator that has not changed', () => {
    expect(stepCard(cards, { side: 'after', operator: 5 }, 4, 1)).toBe(cards[3]);
    expect(stepCard(cards, { side: 'before', operator: 3 }, 4, -1)).toBe(cards[1]);
  });

  it('comes to every card once, also where a removed one shares its place before with another', () => {
    const shared: readonly ChangedCard[] = [
      { before: 1, after: 4, entries: [] },
      { before: 1, after: -1, entries: [] },
      { before: 5, after: 6, entries: [] },
    ];
    const seen = [shared[0]!];
    while (seen.length < 4) seen.push(stepCard(shared, placeOf(seen.at(-1)!), -1, 1)!);
    expect(seen).toEqual([...shared, shared[0]]);
  });

  it('has nowhere to go without changes', () => {
    expect(stepCard([], null, -1, 1)).toBeNull();
  });
});

describe('groups side by side', () => {
  /** Groups by parent and key; each node is an operator. */
  function grouped(parents: readonly number[], groupOfNode: readonly number[]): DrawnGraph {
    const groups = {
      list: parents.map((parent, g) => ({ parent, key: String(g) }) as Group),
      groupOfNode: Int32Array.from(groupOfNode),
    };
    const whole = { nodeOfOperator: Int32Array.from(groupOfNode.keys()) } as ViewGraph;
    return { groups, whole, isCollapsed: new Uint8Array(parents.length) } as unknown as DrawnGraph;
  }
  // An outer group of all operators with two inner ones of two each; after, an operator came at the top and one went.
  const left = grouped([-1, 0, 0], [1, 1, 2, 2, 0]);
  const right = grouped([-1, 0, 0, -1], [3, 1, 1, 2, 2]);
  const partnerOf = { before: Int32Array.of(1, 2, 3, 4, -1), after: Int32Array.of(-1, 0, 1, 2, 3) };

  it('belong to those that hold the partners of most of their operators', () => {
    expect([...partnerGroups(left, right, partnerOf.before)]).toEqual([0, 1, 2]);
    expect([...partnerGroups(right, left, partnerOf.after)]).toEqual([0, 1, 2, -1]);
  });

  it('do not belong to one that holds much more', () => {
    const one = grouped([-1], [0, 0, 0, 0, -1]);
    expect([...partnerGroups(left, one, Int32Array.of(0, 1, 2, 3, -1))]).toEqual([0, -1, -1]);
  });

  /** A picture that keeps what was asked of it. */
  function picture(drawn: DrawnGraph) {
    const asked: [ChosenGroups, boolean][] = [];
    return {
      drawn,
      asked,
      setGroups: (groups: ChosenGroups, isCollapsed: boolean) => void asked.push([groups, isCollapsed]),
    };
  }

  it('are opened and closed together as long as that is wanted', () => {
    const link = new GroupLink();
    const [before, after] = [picture(left), picture(right)];
    link.attach('before', before);
    link.attach('after', after);
    link.follow('before', [1], true);
    expect(after.asked).toEqual([]);
    link.match(partnerOf);
    link.follow('before', [1], true);
    link.follow('before', 'all', false);
    expect(after.asked).toEqual([
      [[1], true],
      ['all', false],
    ]);
    // What has no counterpart stays its own.
    link.follow('after', [3], true);
    expect(before.asked).toEqual([]);
    link.turn(false);
    link.follow('after', [2], true);
    expect(before.asked).toEqual([]);
    link.turn(true);
    link.follow('after', [2], true);
    expect(before.asked).toEqual([[[2], true]]);
  });

  it('are brought in line once for each two graphs', () => {
    const link = new GroupLink();
    const isCollapsed = Uint8Array.of(0, 1, 0);
    const [before, after] = [picture({ ...left, isCollapsed }), picture(right)];
    link.attach('before', before);
    link.attach('after', after);
    link.align('before');
    expect(after.asked).toEqual([]);
    link.match(partnerOf);
    link.align('before');
    link.align('before');
    expect(after.asked).toEqual([
      [[1], true],
      [[0, 2], false],
    ]);
  });
});

describe('scales of two graphs', () => {
  const overlay = (values: readonly number[], scale: Overlay['scale']): Overlay => ({
    ...{ title: 'Figure', join: 'alike', format: String, scale },
    values: new Map(values.entries()),
  });

  it('are one: a ramp reaches the greatest figure of both', () => {
    const [first, second] = shareScale([
      overlay([1, 10], rampFor([1, 10])),
      overlay([2, 40], rampFor([2, 40])),
    ]);
    expect(first!.scale).toEqual(rampFor([1, 10, 2, 40]));
    expect(second!.scale).toEqual(first!.scale);
  });

  it('are one: a category has one place, name and colour in both, and is counted in both', () => {
    const pair = shareScale([
      overlay([0, 0], { kind: 'categories', names: ['float32'] }),
      overlay([0, 1], { kind: 'categories', names: ['int8', 'float32'] }),
    ]);
    expect(pair[0]!.scale).toEqual({ kind: 'categories', names: ['float32', 'int8'] });
    expect([...pair[1]!.values]).toEqual([
      [0, 1],
      [1, 0],
    ]);
    expect(pair[1]!.format(1)).toBe('int8');
    expect(countBoth(pair)).toEqual([3, 1]);
  });

  it('stay as they are where one graph has no figures', () => {
    const alone = overlay([1], rampFor([1]));
    expect(shareScale([alone, null])).toEqual([alone, null]);
    expect(countBoth([alone, null])).toBeNull();
  });
});

describe('changes in words', () => {
  it('say for the ear what the list says for the eye', () => {
    const one: DiffEntry = {
      ...entry(2, 3, 'CONV_2D'),
      changes: ['retyped', 'bytes'],
      detail: 'float32 → int8, 4.00 KiB → 1.00 KiB',
    };
    expect(spokenChange(one)).toBe(
      'CONV_2D 3: other type, other bytes, float32 to int8, 4.00 KiB to 1.00 KiB',
    );
    expect(spokenChange(entry(7, -1, 'RELU'))).toBe('RELU 7: removed');
  });

  it('collect the signs of several, the most telling first', () => {
    expect(signsOf([{ changes: ['bytes'] }, { changes: ['removed', 'bytes'] }])).toBe('−B');
    expect(signsOf([])).toBe('');
  });
});
