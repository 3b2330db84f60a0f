/** What the values of a constant look like, in steps: figures, histogram, channels, outliers, where the zeros are. */
import type { Model } from '../model/types';
import { channelAxisOf } from './channel-axis';
import { finish, type Steps } from '../steps';
import type { ChannelFigures, Outlier, TensorFigures, TensorStatistics, ZeroPattern } from './types';
import { readerOver, valueReader, VALUES_AT_ONCE, type ValueReader } from './value-reader';

const BINS = 64;
/** Values farther from the mean than this many standard deviations count as outliers. */
const OUTLIER_DEVIATIONS = 4;
/** Outliers that are listed. */
const LISTED = 32;
/** The picture of zeros is at most this large. */
const PATTERN_COLUMNS = 256;
const PATTERN_ROWS = 192;

/**
 * Statistics over the real (dequantized) values of a constant. NaN and infinities are counted in `nonFinite` and left
 * out of everything else; without any finite value the figures are 0. The standard deviation is that of the values
 * themselves (divided by n). The histogram has 64 equal bins from the smallest to the largest value, the last one
 * closed; when all values are equal they are in the first.
 * @throws ModelError `unsupported` when the tensor has no numbers in the file
 */
export function tensorStatistics(model: Model, subgraph: number, index: number): TensorFigures {
  return finish(surveyTensor(model, subgraph, index));
}

/** The same over any numbers. */
export function statisticsOf(values: ArrayLike<number>): TensorStatistics {
  const reader = readerOver('FLOAT64', Float64Array.from(values), [values.length], null);
  return finish(surveyValues(reader, null));
}

/**
 * `tensorStatistics` in steps, and more: figures of each channel (along the axis of the scales, or where the operator
 * that reads the tensor has its output channels), the 32 values farthest from the mean, and a picture of the zeros.
 */
export function* surveyTensor(model: Model, subgraph: number, index: number): Steps<TensorFigures> {
  const reader = valueReader(model, subgraph, index);
  return yield* surveyValues(reader, channelAxisOf(model, subgraph, index));
}

/** Looks at all values that a reader gives; `axis` null does without channels. */
export function* surveyValues(reader: ValueReader, axis: number | null): Steps<TensorFigures> {
  const { count, shape } = reader;
  const channels = axis === null ? null : channelCounters(shape, axis);
  const pattern = zeroCounter(shape, count);
  let min = Infinity;
  let max = -Infinity;
  let sum = 0;
  let zeros = 0;
  let finite = 0;
  for (let offset = 0; offset < count; offset += VALUES_AT_ONCE) {
    const values = reader.real(offset, VALUES_AT_ONCE);
    channels?.seek(offset);
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (!Number.isFinite(value)) {
        channels?.skip();
        continue;
      }
      finite++;
      sum += value;
      if (value < min) min = value;
      if (value > max) max = value;
      if (value === 0) {
        zeros++;
        pattern.add(offset + i);
      }
      channels?.add(value);
    }
    yield (0.4 * (offset + values.length)) / count;
  }
  const base = { count, zeros, nonFinite: count - finite, zeroPattern: pattern.picture() };
  const counts = new Uint32Array(BINS);
  if (finite === 0) {
    return {
      ...base,
      min: 0,
      max: 0,
      mean: 0,
      standardDeviation: 0,
      outlierShare: 0,
      histogram: { min: 0, max: 0, counts },
      outliers: [],
      channels: channels?.figures(axis!) ?? null,
    };
  }

  const mean = sum / finite;
  const width = max - min;
  const farthest = farthestValues(mean);
  let squares = 0;
  for (let offset = 0; offset < count; offset += VALUES_AT_ONCE) {
    const values = reader.real(offset, VALUES_AT_ONCE);
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (!Number.isFinite(value)) continue;
      const difference = value - mean;
      squares += difference * difference;
      const bin = width > 0 ? Math.min(BINS - 1, Math.floor(((value - min) / width) * BINS)) : 0;
      counts[bin]! += 1;
      if (Math.abs(difference) > farthest.least) farthest.add(value, offset + i);
    }
    yield 0.4 + (0.4 * (offset + values.length)) / count;
  }
  const standardDeviation = Math.sqrt(squares / finite);
  const limit = OUTLIER_DEVIATIONS * standardDeviation;
  let outside = 0;
  for (let offset = 0; offset < count; offset += VALUES_AT_ONCE) {
    const values = reader.real(offset, VALUES_AT_ONCE);
    for (let i = 0; i < values.length; i++) {
      const distance = Math.abs(values[i]! - mean);
      if (distance > limit && distance < Infinity) outside++;
    }
    yield 0.8 + (0.2 * (offset + values.length)) / count;
  }
  return {
    ...base,
    min,
    max,
    mean,
    standardDeviation,
    outlierShare: outside / finite,
    histogram: { min, max, counts },
    outliers: farthest.list(standardDeviation),
    channels: channels?.figures(axis!) ?? null,
  };
}

interface ChannelCounters {
  /** Goes to a place of the tensor; `add` and `skip` then move on by one. */
  seek(place: number): void;
  add(value: number): void;
  /** Passes over a value that is not finite. */
  skip(): void;
  figures(axis: number): ChannelFigures;
}

function channelCounters(shape: readonly number[], axis: number): ChannelCounters {
  const channels = shape[axis]!;
  const inner = shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  const low = new Float64Array(channels).fill(Infinity);
  const high = new Float64Array(channels).fill(-Infinity);
  const sums = new Float64Array(channels);
  const finite = new Float64Array(channels);
  let channel = 0;
  let within = 0;
  const move = () => {
    if (++within < inner) return;
    within = 0;
    if (++channel === channels) channel = 0;
  };
  return {
    seek(place) {
      within = place % inner;
      channel = Math.floor(place / inner) % channels;
    },
    add(value) {
      if (value < low[channel]!) low[channel] = value;
      if (value > high[channel]!) high[channel] = value;
      sums[channel]! += value;
      finite[channel]! += 1;
      move();
    },
    skip: move,
    figures: (at) => ({
      axis: at,
      min: low.map((value) => (value === Infinity ? 0 : value)),
      max: high.map((value) => (value === -Infinity ? 0 : value)),
      mean: sums.map((sum, i) => (finite[i]! > 0 ? sum / finite[i]! : 0)),
    }),
  };
}

/** The tensor as rows and columns: the first axis against the others, or all but the last where the first is 1. */
function matrixOf(shape: readonly number[], count: number): { rows: number; columns: number } {
  if (shape.length < 2 || count === 0) return { rows: 1, columns: count };
  const rows = shape[0]! > 1 ? shape[0]! : count / shape.at(-1)!;
  return { rows, columns: count / rows };
}

function zeroCounter(
  shape: readonly number[],
  count: number,
): { add(place: number): void; picture(): ZeroPattern } {
  const { rows, columns } = matrixOf(shape, count);
  const height = Math.min(rows, PATTERN_ROWS);
  const width = Math.min(columns, PATTERN_COLUMNS);
  const found = new Float64Array(width * height);
  return {
    add(place) {
      const row = Math.floor(place / columns);
      const column = place - row * columns;
      found[Math.floor((row * height) / rows) * width + Math.floor((column * width) / columns)]! += 1;
    },
    picture() {
      // Cell k holds the places whose `floor(place * cells / all)` is k.
      const sizes = (cells: number, all: number) =>
        Array.from(
          { length: cells },
          (_, k) => Math.ceil(((k + 1) * all) / cells) - Math.ceil((k * all) / cells),
        );
      const heights = sizes(height, rows);
      const widths = sizes(width, columns);
      const shares = Float32Array.from(
        found,
        (zeros, i) => zeros / (heights[Math.floor(i / width)]! * widths[i % width]!),
      );
      return { rows, columns, width, height, shares };
    },
  };
}

/** Keeps the values farthest from `mean`. */
function farthestValues(mean: number) {
  const kept: { value: number; index: number; distance: number }[] = [];
  const search = {
    /** Only values farther than this need to be added. */
    least: 0,
    add(value: number, index: number) {
      const distance = Math.abs(value - mean);
      let at = kept.length;
      while (at > 0 && kept[at - 1]!.distance < distance) at--;
      kept.splice(at, 0, { value, index, distance });
      if (kept.length > LISTED) kept.pop();
      if (kept.length === LISTED) search.least = kept[LISTED - 1]!.distance;
    },
    list: (standardDeviation: number): Outlier[] =>
      standardDeviation > 0
        ? kept.map(({ value, index }) => ({ index, value, deviations: (value - mean) / standardDeviation }))
        : [],
  };
  return search;
}
