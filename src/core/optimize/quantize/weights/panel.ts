/**
 * Input rows waiting to be multiplied out, transposed: [depth, PANEL_ROWS], from a place in an array. Their products are kept
 * as tiles on and above the diagonal, row by row of tiles, each one contiguous: half the matrix, and quick to add to.
 */
import { dotTile, TILE } from './dot-tile';

/** Input rows gathered before they are multiplied out. */
export const PANEL_ROWS = 128;

/** Adds the sum of each input over `rows` waiting rows. */
export function addSums(
  panel: Float64Array,
  from: number,
  rows: number,
  sums: Float64Array,
  depth: number,
): void {
  for (let i = 0; i < depth; i++) {
    let sum = 0;
    for (let at = from + i * PANEL_ROWS, end = at + rows; at < end; at++) sum += panel[at]!;
    sums[i] = sums[i]! + sum;
  }
}

/** Adds the products of all pairs of inputs over `rows` waiting rows to the tiles. */
export function addProducts(
  panel: Float64Array,
  from: number,
  rows: number,
  tiles: Float64Array,
  depth: number,
): void {
  const end = from + depth * PANEL_ROWS;
  const step = TILE * PANEL_ROWS;
  let at = 0;
  for (let i = from; i < end; i += step) {
    for (let j = i; j < end; j += step, at += TILE * TILE) {
      dotTile(panel, i, PANEL_ROWS, panel, j, PANEL_ROWS, rows, tiles, at);
    }
  }
}

/** Tiles on and above the diagonal as a full symmetric matrix [depth, depth], each sum times `share`. */
export function spread(tiles: Float64Array, depth: number, share: number): Float64Array {
  const gram = new Float64Array(depth * depth);
  let at = 0;
  for (let i = 0; i < depth; i += TILE) {
    for (let j = i; j < depth; j += TILE, at += TILE * TILE) {
      const height = Math.min(TILE, depth - i);
      const width = Math.min(TILE, depth - j);
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const value = tiles[at + y * TILE + x]! * share;
          gram[(i + y) * depth + j + x] = value;
          gram[(j + x) * depth + i + y] = value;
        }
      }
    }
  }
  return gram;
}
