import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layoutGraph } from '../../../src/core/graph/layout/layout';
import { LevelMemory } from '../../../src/core/graph/layout/memory';
import type { Frames, Layout, LayoutRequest } from '../../../src/core/graph/layout/types';
import { drawGraph, framesOf } from '../../../src/core/graph/groups-draw';
import { findGroups } from '../../../src/core/graph/groups';
import { blockGraph, chainGraph, requestFor, scopedGraph } from '../../bench/graph-models';

const TITLE = 28;
const PADDING = 16;

/** Any graph with any tree of frames: empty ones, ones that cut cycles, edges that cross many borders. */
const anyRequest: fc.Arbitrary<LayoutRequest> = fc
  .tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 7 }))
  .chain(([count, frameCount]) => {
    const node = fc.integer({ min: 0, max: count - 1 });
    return fc
      .record({
        direction: fc.constantFrom('down' as const, 'right' as const),
        sizes: fc.array(fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 120 })), {
          minLength: count,
          maxLength: count,
        }),
        edges: fc.array(fc.tuple(node, node, fc.integer({ min: 0, max: 2 }), fc.constantFrom(0, 90)), {
          maxLength: 50,
        }),
        holders: fc.array(fc.integer({ min: -1, max: frameCount - 1 }), {
          minLength: count,
          maxLength: count,
        }),
        parents: fc.tuple(
          ...Array.from({ length: frameCount }, (_, f) => fc.integer({ min: -1, max: f - 1 })),
        ),
        leastWidth: fc.integer({ min: 0, max: 400 }),
      })
      .map(({ direction, sizes, edges, holders, parents, leastWidth }) => ({
        direction,
        widths: Float64Array.from(sizes, (s) => s[0]),
        heights: Float64Array.from(sizes, (s) => s[1]),
        edgeFrom: Int32Array.from(edges, (e) => e[0]),
        edgeTo: Int32Array.from(edges, (e) => e[1]),
        edgePort: Int32Array.from(edges, (e) => e[2]),
        labelWidths: Float64Array.from(edges, (e) => e[3]),
        frames: {
          parent: Int32Array.from(parents),
          parentOfNode: Int32Array.from(holders),
          leastWidths: new Float64Array(frameCount).fill(leastWidth),
          titleHeight: TITLE,
          padding: PADDING,
        } satisfies Frames,
      }));
  });

type Bounds = readonly [left: number, top: number, right: number, bottom: number];

function nodeBounds({ widths, heights }: LayoutRequest, { x, y }: Layout, v: number): Bounds {
  return [x[v]! - widths[v]! / 2, y[v]! - heights[v]! / 2, x[v]! + widths[v]! / 2, y[v]! + heights[v]! / 2];
}
const frameBounds = ({ frameBounds: all }: Layout, f: number): Bounds => [
  all[4 * f]!,
  all[4 * f + 1]!,
  all[4 * f + 2]!,
  all[4 * f + 3]!,
];
const apart = (a: Bounds, b: Bounds) => Math.max(a[0] - b[2], b[0] - a[2], a[1] - b[3], b[1] - a[3]) >= -1e-6;
const holds = (outer: Bounds, inner: Bounds, top: number, side: number) =>
  inner[0] >= outer[0] + side - 1e-6 &&
  inner[1] >= outer[1] + top - 1e-6 &&
  inner[2] <= outer[2] - side + 1e-6 &&
  inner[3] <= outer[3] - side + 1e-6;

/** Nodes and frames hold each other as asked and are apart otherwise; edges meet their ends; all is within the picture. */
function expectSound(request: LayoutRequest, layout: Layout): void {
  const { parent, parentOfNode } = request.frames!;
  const whole: Bounds = [0, 0, layout.width, layout.height];
  const parts = [
    ...Array.from(parent, (outer, f) => ({ outer, bounds: frameBounds(layout, f) })),
    ...Array.from(parentOfNode, (outer, v) => ({ outer, bounds: nodeBounds(request, layout, v) })),
  ];
  for (const { outer, bounds } of parts) {
    expect(bounds.every(Number.isFinite)).toBe(true);
    expect(holds(whole, bounds, 0, 0)).toBe(true);
    if (outer !== -1) expect(holds(frameBounds(layout, outer), bounds, TITLE + PADDING, PADDING)).toBe(true);
  }
  for (const [i, one] of parts.entries()) {
    for (const other of parts.slice(i + 1)) {
      if (one.outer === other.outer) expect(apart(one.bounds, other.bounds)).toBe(true);
    }
  }
  request.edgeFrom.forEach((from, e) => {
    const points = layout.points.subarray(2 * layout.pointStart[e]!, 2 * layout.pointStart[e + 1]!);
    expect(points.length).toBeGreaterThanOrEqual(4);
    expect(points.every(Number.isFinite)).toBe(true);
    const start: Bounds = [points[0]!, points[1]!, points[0]!, points[1]!];
    const end: Bounds = [points.at(-2)!, points.at(-1)!, points.at(-2)!, points.at(-1)!];
    expect(holds(nodeBounds(request, layout, from), start, 0, 0)).toBe(true);
    expect(holds(nodeBounds(request, layout, request.edgeTo[e]!), end, 0, 0)).toBe(true);
  });
}

/** Frame f holds nodes 10 f to 10 f + 9. */
function framed(request: LayoutRequest, size = 10): LayoutRequest {
  const frameCount = Math.ceil(request.widths.length / size);
  return {
    ...request,
    frames: {
      parent: new Int32Array(frameCount).fill(-1),
      parentOfNode: Int32Array.from(request.widths, (_, v) => Math.floor(v / size)),
      leastWidths: new Float64Array(frameCount).fill(100),
      titleHeight: TITLE,
      padding: PADDING,
    },
  };
}

describe('layoutGraph with frames', () => {
  it('nests any frames without overlap, joins every edge to its ends, and gives the same picture twice', () => {
    fc.assert(
      fc.property(anyRequest, (request) => {
        const layout = layoutGraph(request);
        expectSound(request, layout);
        expect(layoutGraph(request)).toEqual(layout);
      }),
      { numRuns: 400 },
    );
  });

  it.each(['down', 'right'] as const)('runs every edge of an acyclic graph %s', (direction) => {
    const request = framed(requestFor(blockGraph(60), direction));
    const layout = layoutGraph(request);
    expectSound(request, layout);
    const along = direction === 'down' ? layout.y : layout.x;
    const depth = direction === 'down' ? request.heights : request.widths;
    request.edgeFrom.forEach((from, e) => {
      const to = request.edgeTo[e]!;
      expect(along[from]! + depth[from]! / 2).toBeLessThan(along[to]! - depth[to]! / 2);
    });
    for (let i = direction === 'down' ? 1 : 0; i < layout.points.length; i += 2) {
      const isWithin = layout.pointStart.some((start) => 2 * start === i || 2 * start + 1 === i);
      if (!isWithin) expect(layout.points[i]).toBeGreaterThanOrEqual(layout.points[i - 2]! - 1e-6);
    }
  });

  it('keeps a chain straight through its frames', () => {
    const layout = layoutGraph(framed(requestFor(chainGraph(40))));
    expect(new Set(layout.x).size).toBe(1);
    expect(layout.crossings).toBe(0);
  });

  it('keeps a chain with side branches straight through its frames', () => {
    // Every fourth operator is also read four later, so that both ways pass the border of each frame.
    const { from, to } = chainGraph(60);
    const skips = Array.from({ length: 14 }, (_, i) => 4 * i);
    const links = { count: 60, from: [...from, ...skips], to: [...to, ...skips.map((v) => v + 4)] };
    const request = framed(requestFor(links));
    const layout = layoutGraph(request);
    expectSound(request, layout);
    expect(new Set(layout.x).size).toBe(1);
    from.forEach((_, e) => {
      const points = layout.points.subarray(2 * layout.pointStart[e]!, 2 * layout.pointStart[e + 1]!);
      expect(new Set(points.filter((_, i) => i % 2 === 0))).toEqual(new Set([layout.x[0]]));
    });
  });

  it('lines a frame up with the chain that enters it, though a side branch enters too', () => {
    // 0 → 1 → 2 → 4 and 0 → 3 → 4; from 4 on a frame that holds a residual block.
    const links = { count: 8, from: [0, 1, 2, 0, 3, 4, 5, 4, 6], to: [1, 2, 4, 3, 4, 5, 6, 6, 7] };
    const request: LayoutRequest = {
      ...requestFor(links),
      frames: {
        parent: Int32Array.of(-1),
        parentOfNode: Int32Array.of(-1, -1, -1, -1, 0, 0, 0, -1),
        leastWidths: new Float64Array(1),
        titleHeight: TITLE,
        padding: PADDING,
      },
    };
    const layout = layoutGraph(request);
    expectSound(request, layout);
    expect(new Set([0, 1, 2, 4, 5, 6, 7].map((v) => layout.x[v]!)).size).toBe(1);
  });

  it('lets edges of one output enter a frame together', () => {
    const layout = layoutGraph({
      ...framed(requestFor({ count: 4, from: [0, 0, 0], to: [1, 2, 3] })),
      frames: {
        parent: Int32Array.of(-1),
        parentOfNode: Int32Array.of(-1, 0, 0, 0),
        leastWidths: new Float64Array(1),
        titleHeight: TITLE,
        padding: PADDING,
      },
    });
    const top = layout.frameBounds[1]!;
    const crossings = [0, 1, 2].map((e) => {
      const points = [...layout.points.subarray(2 * layout.pointStart[e]!, 2 * layout.pointStart[e + 1]!)];
      return points.filter((_, i) => i % 2 === 0 && points[i + 1]! === top).join();
    });
    expect(new Set(crossings).size).toBe(1);
  });

  it('gives the same picture with a memory of other layouts as without one', () => {
    fc.assert(
      fc.property(fc.array(anyRequest, { minLength: 2, maxLength: 4 }), (requests) => {
        const memory = new LevelMemory();
        for (const request of [...requests, ...requests]) {
          expect(layoutGraph(request, memory)).toEqual(layoutGraph(request));
        }
        expect(memory.recalled).toBeGreaterThan(0);
      }),
      { numRuns: 50 },
    );
  });

  it('lays out only what is around a group that is closed or opened', () => {
    // Stages of 1,000 operators with 50 blocks each; every node of the picture has the same size.
    const graph = scopedGraph(blockGraph(5000));
    const groups = findGroups(graph);
    const requestOf = (collapsed: ReadonlySet<string>): LayoutRequest => {
      const drawn = drawGraph(graph, groups, collapsed);
      const links = { count: drawn.nodes.length, from: [...drawn.edgeFrom], to: [...drawn.edgeTo] };
      return { ...requestFor(links), frames: framesOf(drawn, TITLE, PADDING, () => 200) };
    };
    const memory = new LevelMemory();
    layoutGraph(requestOf(new Set()), memory);
    const block = groups.list.find(({ key, parent }) => parent !== -1 && key.includes('block_103'))!;
    for (const collapsed of [new Set([block.key]), new Set<string>()]) {
      const before = memory.laidOut;
      const layout = layoutGraph(requestOf(collapsed), memory);
      // Of 255 groups: the stage around the block, what is around the stage, and at most the blocks beside it.
      expect(memory.laidOut - before).toBeLessThanOrEqual(4);
      expect(layout).toEqual(layoutGraph(requestOf(collapsed)));
    }
  });

  it('lays out blocks that hold the same only once', () => {
    const memory = new LevelMemory();
    const layout = layoutGraph(framed(requestFor(chainGraph(1000))), memory);
    // The first, the last, those between, and what is around them.
    expect(memory.laidOut).toBe(4);
    expect(memory.recalled).toBe(97);
    expect(layout.frameBounds.every(Number.isFinite)).toBe(true);
  });

  it('forgets levels that the last four layouts did not need', () => {
    const memory = new LevelMemory();
    const request = framed(requestFor(chainGraph(30)));
    layoutGraph(request, memory);
    for (let other = 40; other < 44; other++) layoutGraph(framed(requestFor(chainGraph(other)), 50), memory);
    const before = memory.laidOut;
    layoutGraph(request, memory);
    expect(memory.laidOut).toBe(before + 4);
  });

  it('lays out 100,000 operators in frames', () => {
    const layout = layoutGraph(framed(requestFor(blockGraph(100_000)), 20));
    expect(layout.x.every(Number.isFinite)).toBe(true);
    expect(layout.frameBounds.every(Number.isFinite)).toBe(true);
  });
});
