/** Second moments of what layers are fed, gathered sample by sample: all that rounding needs to know about the inputs. */
import { assert } from '../../../errors';
import { dotTile, roundUpToTile, TILE } from './dot-tile';
import type { LayerGeometry } from './geometry';
import { type Taps, tapsOverHeight, tapsOverWidth } from './taps';

/** Moments of the input rows of each group. */
export interface InputMoments {
  /** Input rows seen. */
  readonly rows: number;
  /** E[x x^T] for each group, [depth, depth], row-major and symmetric; zeros when no row was seen. */
  readonly grams: readonly Float64Array[];
  /** E[x] for each group, [depth]. */
  readonly means: readonly Float64Array[];
}

/**
 * Moments of x - c, c being `centers` (one for each group): what is left to minimize once the bias is corrected, E[(d . (x - c))^2]
 * for weights that are off by d, when the bias takes d . c.
 */
export function centeredOn(moments: InputMoments, centers: readonly Float64Array[]): InputMoments {
  const grams = moments.grams.map((gram, group) =>
    centeredGram(gram, moments.means[group]!, centers[group]!),
  );
  const means = moments.means.map((mean, group) => mean.map((value, i) => value - centers[group]![i]!));
  return { rows: moments.rows, grams, means };
}

function centeredGram(gram: Float64Array, mean: Float64Array, center: Float64Array): Float64Array {
  const depth = mean.length;
  const result = new Float64Array(gram.length);
  for (let i = 0, at = 0; i < depth; i++) {
    const offset = center[i]! - mean[i]!;
    const own = center[i]!;
    for (let j = 0; j < depth; j++, at++) result[at] = gram[at]! + offset * center[j]! - own * mean[j]!;
  }
  return result;
}

/** Input rows gathered before they are multiplied out. */
const PANEL_ROWS = 128;
const MOST_ROWS_PER_SAMPLE = 512;
const LEAST_ROWS_PER_SAMPLE = 16;

/**
 * Rows to take from each of `samples` samples so that all together are four times the depth (at least 4,096): more hardly
 * change the moments and cost time. Between 16 and 512.
 */
export function rowsPerSample({ depth }: LayerGeometry, samples: number): number {
  const rows = Math.ceil(Math.max(4 * depth, 4_096) / Math.max(1, samples));
  return Math.min(MOST_ROWS_PER_SAMPLE, Math.max(LEAST_ROWS_PER_SAMPLE, rows));
}

/**
 * Gathers the moments of one layer's inputs. Of samples with more than `mostRows` input rows (output places of a
 * convolution) as many are taken, spread evenly, other ones for each sample. Rows with values that are not finite are left
 * out. Same samples in the same order, same moments to the bit.
 */
export class LayerInputs {
  readonly geometry: LayerGeometry;
  private readonly mostRows: number;
  /** Depth rounded up to tiles. */
  private readonly height: number;
  /** Transposed rows waiting to be multiplied out, [groups, height, PANEL_ROWS]. */
  private readonly panel: Float64Array;
  private waiting = 0;
  private rowCount = 0;
  private sampleCount = 0;
  /** Sums of products for each group: the tiles on and above the diagonal, row by row, each one contiguous. */
  private readonly tiles: Float64Array[];
  private readonly means: readonly Float64Array[];
  private moments: InputMoments | null = null;

  constructor(geometry: LayerGeometry, mostRows = MOST_ROWS_PER_SAMPLE) {
    const { groups, depth } = geometry;
    this.geometry = geometry;
    this.mostRows = mostRows;
    this.height = roundUpToTile(depth);
    this.panel = new Float64Array(groups * this.height * PANEL_ROWS);
    const side = this.height / TILE;
    const tiles = (side * (side + 1)) / 2;
    this.tiles = Array.from({ length: groups }, () => new Float64Array(tiles * TILE * TILE));
    this.means = Array.from({ length: groups }, () => new Float64Array(depth));
  }

  /** Rows seen so far. */
  get rows(): number {
    return this.rowCount;
  }

  /** Adds what the layer's input holds for one sample (or a batch of them), row-major in `shape`. */
  add(values: Float32Array, shape: readonly number[]): void {
    assert(this.moments === null, 'inputs added to finished moments');
    const { window, depth } = this.geometry;
    if (window === null) {
      assert(values.length % depth === 0, `inputs of shape [${shape.join(', ')}] in rows of ${depth}`);
      this.addRows(values);
    } else {
      const [batch, height, width, channels] = shape;
      assert(shape.length === 4, `inputs of shape [${shape.join(', ')}] for a convolution`);
      const perGroup = depth / (window.height * window.width);
      assert(channels === perGroup * this.geometry.groups, `inputs of ${channels ?? 0} channels`);
      this.addWindows(values, batch!, tapsOverHeight(window, height!), tapsOverWidth(window, width!), [
        height!,
        width!,
        channels,
      ]);
    }
    this.sampleCount++;
  }

  /** The moments; nothing can be added afterwards. */
  finish(): InputMoments {
    if (this.moments !== null) return this.moments;
    this.flush();
    const { depth } = this.geometry;
    const share = this.rowCount === 0 ? 0 : 1 / this.rowCount;
    const grams = this.tiles.map((tiles) => spread(tiles, depth, share));
    for (const mean of this.means) for (let i = 0; i < depth; i++) mean[i] = mean[i]! * share;
    this.tiles.length = 0;
    return (this.moments = { rows: this.rowCount, grams, means: this.means });
  }

  private addRows(values: Float32Array): void {
    const { panel } = this;
    const { depth } = this.geometry;
    const total = values.length / depth;
    const stride = strideFor(total, this.mostRows, 1);
    for (let row = this.firstOf(stride); row < total; row += stride) {
      let sum = 0;
      for (let i = 0, at = row * depth; i < depth; i++, at++) {
        const value = values[at]!;
        sum += value;
        panel[i * PANEL_ROWS + this.waiting] = value;
      }
      this.endRow(sum);
    }
  }

  private addWindows(
    values: Float32Array,
    batch: number,
    overHeight: Taps,
    overWidth: Taps,
    [height, width, channels]: readonly [number, number, number],
  ): void {
    const { groups } = this.geometry;
    const { panel } = this;
    const places = overHeight.outputs * overWidth.outputs;
    const total = batch * places;
    const perGroup = channels / groups;
    const groupStep = this.height * PANEL_ROWS;
    const stride = strideFor(total, this.mostRows, overWidth.outputs);
    for (let row = this.firstOf(stride); row < total; row += stride) {
      const image = Math.floor(row / places) * height;
      const place = row % places;
      const down = Math.floor(place / overWidth.outputs) * overHeight.size;
      const across = (place % overWidth.outputs) * overWidth.size;
      let sum = 0;
      for (let y = 0, tap = 0; y < overHeight.size; y++) {
        const line = overHeight.from[down + y]!;
        for (let x = 0; x < overWidth.size; x++, tap++) {
          const column = overWidth.from[across + x]!;
          const isPadding = line < 0 || column < 0;
          let from = isPadding ? 0 : ((image + line) * width + column) * channels;
          let to = tap * perGroup * PANEL_ROWS + this.waiting;
          for (let group = 0; group < groups; group++, to += groupStep) {
            for (let c = 0, at = to; c < perGroup; c++, at += PANEL_ROWS) {
              const value = isPadding ? 0 : values[from++]!;
              sum += value;
              panel[at] = value;
            }
          }
        }
      }
      this.endRow(sum);
    }
  }

  /** Other rows of each sample, so that no place of a picture is always left out. */
  private firstOf(stride: number): number {
    return Math.floor(((this.sampleCount * 0.618_033_988_749_895) % 1) * stride);
  }

  private endRow(sum: number): void {
    if (!Number.isFinite(sum)) return;
    this.rowCount++;
    if (++this.waiting === PANEL_ROWS) this.flush();
  }

  /** Multiplies the waiting rows out. */
  private flush(): void {
    const { depth, groups } = this.geometry;
    for (let group = 0; group < groups; group++) {
      const from = group * this.height * PANEL_ROWS;
      addSums(this.panel, from, this.waiting, this.means[group]!, depth);
      addProducts(this.panel, from, this.waiting, this.tiles[group]!, depth);
    }
    this.waiting = 0;
  }
}

function addSums(panel: Float64Array, from: number, rows: number, sums: Float64Array, depth: number): void {
  for (let i = 0; i < depth; i++) {
    let sum = 0;
    for (let at = from + i * PANEL_ROWS, end = at + rows; at < end; at++) sum += panel[at]!;
    sums[i] = sums[i]! + sum;
  }
}

function addProducts(
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
function spread(tiles: Float64Array, depth: number, share: number): Float64Array {
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

/** The smallest step that takes at most `most` of `total` rows and shares no factor with `width`, so that all columns come up. */
function strideFor(total: number, most: number, width: number): number {
  let stride = Math.max(1, Math.ceil(total / most));
  if (stride > 1) while (greatestCommonDivisor(stride, width) !== 1) stride++;
  return stride;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
