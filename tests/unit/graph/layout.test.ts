import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layoutGraph } from '../../../src/core/graph/layout/layout';
import type { Layout, LayoutRequest } from '../../../src/core/graph/layout/types';
import { blockGraph, chainGraph, requestFor, skipGraph } from '../../bench/graph-models';

/** Any graph: cycles, self loops, repeated edges, lone nodes, nodes of any size. */
const anyRequest: fc.Arbitrary<LayoutRequest> = fc.integer({ min: 0, max: 24 }).chain((count) =>
  fc
    .record({
      direction: fc.constantFrom('down' as const, 'right' as const),
      sizes: fc.array(fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 120 })), {
        minLength: count,
        maxLength: count,
      }),
      edges: fc.array(
        fc.tuple(
          fc.integer({ min: 0, max: Math.max(0, count - 1) }),
          fc.integer({ min: 0, max: Math.max(0, count - 1) }),
          fc.integer({ min: 0, max: 2 }),
          fc.constantFrom(0, 90),
        ),
        { maxLength: count === 0 ? 0 : 60 },
      ),
    })
    .map(({ direction, sizes, edges }) => ({
      direction,
      widths: Float64Array.from(sizes, (s) => s[0]),
      heights: Float64Array.from(sizes, (s) => s[1]),
      edgeFrom: Int32Array.from(edges, (e) => e[0]),
      edgeTo: Int32Array.from(edges, (e) => e[1]),
      edgePort: Int32Array.from(edges, (e) => e[2]),
      labelWidths: Float64Array.from(edges, (e) => e[3]),
    })),
);

function expectSound(request: LayoutRequest, layout: Layout): void {
  const { widths, heights, edgeFrom, edgeTo } = request;
  for (const list of [layout.x, layout.y, layout.points, layout.labelX, layout.labelY]) {
    expect(list.every(Number.isFinite)).toBe(true);
  }
  for (let v = 0; v < widths.length; v++) {
    expect(layout.x[v]! - widths[v]! / 2).toBeGreaterThanOrEqual(-1e-6);
    expect(layout.x[v]! + widths[v]! / 2).toBeLessThanOrEqual(layout.width + 1e-6);
    expect(layout.y[v]! - heights[v]! / 2).toBeGreaterThanOrEqual(-1e-6);
    expect(layout.y[v]! + heights[v]! / 2).toBeLessThanOrEqual(layout.height + 1e-6);
    for (let w = v + 1; w < widths.length; w++) {
      const apartX = Math.abs(layout.x[v]! - layout.x[w]!) - (widths[v]! + widths[w]!) / 2;
      const apartY = Math.abs(layout.y[v]! - layout.y[w]!) - (heights[v]! + heights[w]!) / 2;
      expect(Math.max(apartX, apartY)).toBeGreaterThanOrEqual(-1e-6);
    }
  }
  const along = request.direction === 'down' ? layout.y : layout.x;
  const depth = request.direction === 'down' ? heights : widths;
  for (let e = 0; e < edgeFrom.length; e++) {
    const [from, to] = [edgeFrom[e]!, edgeTo[e]!];
    const [upper, lower] = layout.isReversed[e] ? [to, from] : [from, to];
    if (from !== to) {
      expect(along[upper]! + depth[upper]! / 2).toBeLessThan(along[lower]! - depth[lower]! / 2);
    }
    expect(layout.pointStart[e + 1]! - layout.pointStart[e]!).toBeGreaterThanOrEqual(2);
    const points = layout.points.subarray(2 * layout.pointStart[e]!, 2 * layout.pointStart[e + 1]!);
    expect(touches(request, layout, from, points[0]!, points[1]!)).toBe(true);
    expect(touches(request, layout, to, points.at(-2)!, points.at(-1)!)).toBe(true);
  }
}

function touches(
  { widths, heights }: LayoutRequest,
  layout: Layout,
  v: number,
  x: number,
  y: number,
): boolean {
  return (
    Math.abs(x - layout.x[v]!) <= widths[v]! / 2 + 1e-6 &&
    Math.abs(y - layout.y[v]!) <= heights[v]! / 2 + 1e-6
  );
}

/** Places at which edge e goes on straight: one for an edge without a bend. */
function placesOf(layout: Layout, e: number): Set<number> {
  const points = layout.points.subarray(2 * layout.pointStart[e]!, 2 * layout.pointStart[e + 1]!);
  return new Set(points.filter((_, i) => (i % 2 === 0) === (layout.direction === 'down')));
}

/** Pairs of pieces of different edges that cross in the picture. */
function drawnCrossings({ points, pointStart }: Layout): number {
  type Point = readonly [number, number];
  const pieces: (readonly [edge: number, from: Point, to: Point])[] = [];
  for (let e = 0; e + 1 < pointStart.length; e++) {
    for (let i = pointStart[e]!; i + 1 < pointStart[e + 1]!; i++) {
      const at = (k: number): Point => [points[2 * k]!, points[2 * k + 1]!];
      pieces.push([e, at(i), at(i + 1)]);
    }
  }
  const turn = (a: Point, b: Point, c: Point) =>
    Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]));
  let crossings = 0;
  for (const [e, a, b] of pieces) {
    for (const [other, c, d] of pieces) {
      if (other <= e) continue;
      if (turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0) crossings++;
    }
  }
  return crossings;
}

/** Longest time that the CPU of a shared test machine may take, well above what is measured. */
function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

describe('layoutGraph', () => {
  it('draws any graph soundly and the same way twice', () => {
    fc.assert(
      fc.property(anyRequest, (request) => {
        const layout = layoutGraph(request);
        expectSound(request, layout);
        expect(layoutGraph(request)).toEqual(layout);
      }),
      { numRuns: 300 },
    );
  });

  it('keeps a chain in one straight line', () => {
    const layout = layoutGraph(requestFor(chainGraph(50)));
    expect(new Set(layout.x).size).toBe(1);
    expect(layout.crossings).toBe(0);
  });

  it('keeps the main path of residual blocks straight, skips beside it', () => {
    const from = [0, 1, 2, 0, 3, 4, 5, 3];
    const to = [1, 2, 3, 3, 4, 5, 6, 6];
    const layout = layoutGraph(requestFor({ count: 7, from, to }));
    expect(new Set(layout.x).size).toBe(1);
    const skip = layout.points.subarray(2 * layout.pointStart[3]!, 2 * layout.pointStart[4]!);
    expect(
      Math.max(...skip.filter((_, i) => i % 2 === 0).map((x) => Math.abs(x - layout.x[0]!))),
    ).toBeGreaterThan(100);
  });

  it('does not drift on long networks of blocks', () => {
    const layout = layoutGraph(requestFor(blockGraph(2000)));
    expect(layout.crossings).toBe(0);
    expect(layout.width).toBeLessThan(900);
  });

  it('puts late inputs right above their reader', () => {
    const layout = layoutGraph(requestFor({ count: 5, from: [0, 1, 2, 4], to: [1, 2, 3, 3] }));
    expect(layout.rank[4]).toBe(2);
  });

  it('turns edges that close a cycle and says so', () => {
    const layout = layoutGraph(requestFor({ count: 3, from: [0, 1, 2, 1], to: [1, 2, 0, 1] }));
    expect([...layout.isReversed]).toEqual([0, 0, 1, 1]);
  });

  it.each(['down', 'right'] as const)('runs an edge back beside the one forward, drawn %s', (direction) => {
    const layout = layoutGraph(requestFor({ count: 3, from: [0, 1, 1, 2], to: [1, 0, 2, 1] }, direction));
    expect([...layout.isReversed]).toEqual([0, 1, 0, 1]);
    for (const [forward, back] of [
      [0, 1],
      [2, 3],
    ] as const) {
      expect(placesOf(layout, forward).size).toBe(1);
      expect(placesOf(layout, back).size).toBe(1);
      const [a, b] = [[...placesOf(layout, forward)][0]!, [...placesOf(layout, back)][0]!];
      expect(Math.abs(a - b)).toBe(16);
    }
  });

  it('lets edges of one output share their way', () => {
    const from = [0, 1, 2, 3, 0, 0];
    const to = [1, 2, 3, 4, 3, 4];
    const layout = layoutGraph(requestFor({ count: 5, from, to }));
    const pointsOf = (e: number) =>
      layout.points.subarray(2 * layout.pointStart[e]!, 2 * layout.pointStart[e + 1]!);
    expect([...pointsOf(4).subarray(0, 6)]).toEqual([...pointsOf(5).subarray(0, 6)]);
  });

  it.each(['down', 'right'] as const)('lets five outputs run %s without a crossing', (direction) => {
    // Readers in an order of their own, and what reads all of them.
    const readers = [3, 1, 5, 2, 4];
    const from = [0, 0, 0, 0, 0, ...readers];
    const to = [...readers, 6, 6, 6, 6, 6];
    const request = requestFor({ count: 7, from, to }, direction);
    const edgePort = Int32Array.from(from, (_, e) => (e < 5 ? e : 0));
    const layout = layoutGraph({
      ...request,
      widths: request.widths.with(0, 700),
      heights: request.heights.with(0, 300),
      edgePort,
    });
    const across = direction === 'down' ? layout.x : layout.y;
    const places = readers.map((v) => across[v]!);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(layout.crossings).toBe(0);
    expect(drawnCrossings(layout)).toBe(0);
  });

  it('lets the outputs of several operators run without a crossing where that can be', () => {
    const from = [0, 0, 0, 1, 1, 2, 2];
    const to = [1, 5, 2, 4, 3, 7, 6];
    const edgePort = Int32Array.of(0, 1, 2, 0, 1, 0, 1);
    const layout = layoutGraph({ ...requestFor({ count: 8, from, to }), edgePort });
    expect(layout.crossings).toBe(0);
    expect(drawnCrossings(layout)).toBe(0);
    expect(layout.x[4]).toBeLessThan(layout.x[3]!);
    expect(layout.x[7]).toBeLessThan(layout.x[6]!);
  });

  it('counts crossings of outputs of one operator', () => {
    // Both operators have readers 2 and 3, on opposite sides.
    const links = { count: 4, from: [0, 0, 1, 1], to: [2, 3, 3, 2] };
    const layout = layoutGraph({ ...requestFor(links), edgePort: Int32Array.of(0, 1, 0, 1) });
    expect(layout.crossings).toBe(2);
    expect(drawnCrossings(layout)).toBe(2);
  });

  it('keeps chains beside wide neighbours straight', () => {
    // Two chains that join, a third that joins later; wide inputs stand beside the chains of the others.
    const from = [0, 3, 1, 5, 6, 7, 4, 8, 9, 10, 2, 11, 12, 13, 14];
    const to = [3, 4, 5, 6, 7, 8, 9, 9, 10, 11, 12, 13, 13, 14, 15];
    const heights = Float64Array.of(30, 30, 30, 52, 52, 52, 52, 52, 52, 32, 32, 52, 52, 32, 52, 30);
    const widths = Float64Array.from(heights, (_, v) => (v < 3 ? 382 : 207));
    const request = { ...requestFor({ count: 16, from, to }), widths, heights };
    const layout = layoutGraph({ ...request, labelWidths: request.labelWidths.map(() => 95) });
    expect(new Set([0, 3, 4, 9, 10, 11].map((v) => layout.x[v]!)).size).toBe(1);
    expect(new Set([1, 5, 6, 7, 8].map((v) => layout.x[v]!)).size).toBe(1);
    const bent = from.flatMap((_, e) => (placesOf(layout, e).size === 1 ? [] : [e]));
    // One edge of each join.
    expect(bent.length).toBeLessThanOrEqual(3);
  });

  it('leaves a join in the middle of what it joins', () => {
    const layout = layoutGraph(requestFor({ count: 4, from: [0, 1, 2], to: [2, 2, 3] }));
    expect(layout.x[2]).toBe((layout.x[0]! + layout.x[1]!) / 2);
    expect(layout.x[3]).toBe(layout.x[2]);
  });

  it('stays within its time on 20,000 operators', () => {
    const blocks = requestFor(blockGraph(20_000));
    expect(cpuMs(() => layoutGraph(blocks))).toBeLessThan(2000);
    const skips = requestFor(skipGraph(1000));
    expect(cpuMs(() => layoutGraph(skips))).toBeLessThan(400);
  });

  it('survives a long chain that keeps thousands of results alive', () => {
    const { from, to } = chainGraph(30_000);
    const request = requestFor({
      count: 30_000,
      from: [...from, ...Array.from({ length: 3000 }, (_, i) => i)],
      to: [...to, ...Array.from({ length: 3000 }, (_, i) => 29_999 - i)],
    });
    const layout = layoutGraph({
      ...request,
      edgePort: Int32Array.from(request.edgeFrom, (_, e) => (e < 29_999 ? 0 : 1)),
    });
    expect(layout.unroutedCount).toBeGreaterThan(0);
    expect(layout.points.every(Number.isFinite)).toBe(true);
  });
});
