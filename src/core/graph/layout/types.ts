/** Input and output of the layout. Units are CSS pixels at zoom 1; y grows downwards. */
export interface LayoutRequest {
  readonly direction: 'down' | 'right';
  /** Width and height of node i. */
  readonly widths: Float64Array;
  readonly heights: Float64Array;
  readonly edgeFrom: Int32Array;
  readonly edgeTo: Int32Array;
  /** Width of the label of edge i, 0 for none. */
  readonly labelWidths: Float64Array;
}

export interface Layout {
  /** Centre of node i. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly width: number;
  readonly height: number;
  /** Points of edge i: `points[2 * pointStart[i]]` to `points[2 * pointStart[i + 1]]`, x and y in turn. */
  readonly pointStart: Int32Array;
  readonly points: Float64Array;
}
