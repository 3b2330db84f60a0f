/** Second moments of what layers are fed, gathered sample by sample: all that rounding needs to know about the inputs. */
import { assert } from '../../../errors';
import { roundUpToTile, TILE } from './dot-tile';
import type { LayerGeometry } from './geometry';
import { addProducts, addSums, PANEL_ROWS, spread } from './panel';
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

const MOST_ROWS_PER_SAMPLE = 512;
const LEAST_ROWS_PER_SAMPLE = 16;
const ROWS_IN_ALL = 4_096;

/**
 * Rows to take from each of `samples` samples, between 16 and 512, so that all together are about 4,096: more hardly change
 * what is learnt, and time grows with rows * depth^2.
 */
export function rowsPerSample(samples: number): number {
  const rows = Math.ceil(ROWS_IN_ALL / Math.max(1, samples));
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

/** The smallest step that takes at most `most` of `total` rows and shares no factor with `width`, so that all columns come up. */
function strideFor(total: number, most: number, width: number): number {
  let stride = Math.max(1, Math.ceil(total / most));
  if (stride > 1) while (greatestCommonDivisor(stride, width) !== 1) stride++;
  return stride;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
