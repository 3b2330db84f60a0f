/** Input and output of the layout. Units are CSS pixels at zoom 1; y grows downwards. */
export type Direction = 'down' | 'right';

export interface LayoutRequest {
  readonly direction: Direction;
  /** Width and height of node i. */
  readonly widths: Float64Array;
  readonly heights: Float64Array;
  readonly edgeFrom: Int32Array;
  readonly edgeTo: Int32Array;
  /** Which output of its source edge i leaves by; edges with one source and one port share their way. */
  readonly edgePort: Int32Array;
  /** Width of the label of edge i, 0 for none. */
  readonly labelWidths: Float64Array;
  /** Boxes around nodes; null or left out for none. */
  readonly frames?: Frames | null;
}

/** Boxes with a title strip at their top, within each other. */
export interface Frames {
  /** Frame around frame f, or -1; parents before children. */
  readonly parent: Int32Array;
  /** Frame that directly holds node i, or -1. */
  readonly parentOfNode: Int32Array;
  /** Least width of frame f, for its title. */
  readonly leastWidths: Float64Array;
  readonly titleHeight: number;
  /** Room between a frame and what it holds, at all sides. */
  readonly padding: number;
}

export interface Layout {
  readonly direction: Direction;
  /** Centre of node i. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly width: number;
  readonly height: number;
  /** Points of edge i: `points[2 * pointStart[i]]` to `points[2 * pointStart[i + 1]]`, x and y in turn. */
  readonly pointStart: Int32Array;
  readonly points: Float64Array;
  /** Left end and middle of the label of edge i; meaningful where its label width is over 0. */
  readonly labelX: Float64Array;
  readonly labelY: Float64Array;
  /** Left, top, right and bottom of frame f from `4 * f`. */
  readonly frameBounds: Float64Array;
  /** Rank of node i, counted from the top (or the left) of its frame. */
  readonly rank: Int32Array;
  /** 1 where edge i runs against the direction (it closes a cycle). */
  readonly isReversed: Uint8Array;
  /** Edges drawn straight to their end because routing them all would take too long. */
  readonly unroutedCount: number;
  /** Crossings between neighbouring ranks, in all frames together. */
  readonly crossings: number;
}
