/** Pools over windows, and reductions over whole axes. */
import { activation, define, free, fromShape, index, indexOnly, parameter } from './define';
import { sameScale, versions } from './define';
import { optionsOf } from './operator-view';
import { frontAxis, shapeOfParts, slidingSize, UNKNOWN } from './shape-math';
import type { KnownBuiltin, OperatorView, OpSpec, Shape } from './spec';

function pooledShape(input: Shape, view: OperatorView): Shape | null {
  const options = optionsOf(view, 'Pool2DOptions');
  if (input.length !== 4 || !options) return null;
  const { filterHeight, filterWidth, strideH, strideW, padding } = options;
  return shapeOfParts(
    input[0],
    slidingSize(input[1], filterHeight, strideH, 1, padding),
    slidingSize(input[2], filterWidth, strideW, 1, padding),
    input[3],
  );
}

function pool(facts: Partial<OpSpec>): OpSpec {
  return define({
    category: 'pooling',
    inputs: [activation()],
    shapes: fromShape(0, pooledShape),
    ...facts,
  });
}

/** Reduces the axes of input 1 (all of them repeated or negative as they may be). */
function reducedShape(input: Shape, view: OperatorView): Shape | null {
  const axes = view.constant(1);
  if (!axes) return null;
  const reduced = new Set<number>();
  for (const axis of axes) {
    const front = frontAxis(axis, input.length);
    if (front === null) return null;
    reduced.add(front);
  }
  const keep = optionsOf(view, 'ReducerOptions')?.keepDims ?? false;
  return input.flatMap((size, i) => (!reduced.has(i) ? [size] : keep ? [1] : []));
}

function reduction(facts: Partial<OpSpec>): OpSpec {
  return define({
    category: 'pooling',
    inputs: [activation(), parameter('axes')],
    shapes: fromShape(0, reducedShape),
    ...facts,
  });
}

/** Takes one axis away and says where along it the extreme was. */
function argExtreme(): OpSpec {
  return define({
    category: 'pooling',
    inputs: [activation(), parameter('axis')],
    outputs: ['indices'],
    shapes: fromShape(0, (shape, view) => {
      const axis = frontAxis(view.constant(1)?.[0], shape.length);
      return axis === null ? null : shape.filter((_, i) => i !== axis);
    }),
    quantization: indexOnly,
    versions: versions({ 1: ['FLOAT32', 'INT32', 'UINT8'], 2: ['INT8'], 3: ['BOOL'] }),
  });
}

const poolVersions = versions({ 1: ['FLOAT32', 'UINT8'], 2: ['INT8'], 3: ['INT16'] });
const reduceVersions = versions({ 1: ['FLOAT32', 'INT32', 'INT64', 'UINT8'], 2: ['INT8'], 3: ['INT16'] });
const boolVersions = versions({ 1: ['BOOL'] });

export const pooling = {
  AVERAGE_POOL_2D: pool({ quantization: sameScale, versions: poolVersions }),
  MAX_POOL_2D: pool({ quantization: sameScale, versions: poolVersions }),
  L2_POOL_2D: pool({}),
  // Window, strides and dilations are constants in inputs 2 to 4; nothing is padded.
  REDUCE_WINDOW: define({
    category: 'pooling',
    inputs: [
      activation(),
      parameter('initialValue'),
      parameter('windowSizes'),
      parameter('strides'),
      parameter('dilations'),
    ],
    shapes: fromShape(0, (shape, view) => {
      const [window, strides, dilations] = [view.constant(2), view.constant(3), view.constant(4)];
      if (!window || !strides || !dilations) return null;
      return shapeOfParts(
        ...shape.map((size, i) => slidingSize(size, window[i], strides[i] ?? 0, dilations[i] ?? 0, 'VALID')),
      );
    }),
    versions: versions({ 1: ['FLOAT32', 'FLOAT64', 'INT8', 'UINT8', 'INT16', 'INT32', 'INT64', 'BOOL'] }),
  }),
  MEAN: reduction({ quantization: free, versions: reduceVersions }),
  // Free for 8-bit types; other types keep the input's scale.
  SUM: reduction({
    quantization: free,
    versions: versions({ 1: ['FLOAT32', 'INT32', 'INT64', 'UINT8', 'INT16'], 2: ['INT8'] }),
  }),
  REDUCE_PROD: reduction({
    quantization: free,
    versions: versions({ 1: ['FLOAT32', 'INT32', 'INT64', 'UINT8'], 2: ['INT8', 'INT16'] }),
  }),
  REDUCE_MAX: reduction({ quantization: sameScale, versions: reduceVersions }),
  REDUCE_MIN: reduction({ quantization: sameScale, versions: reduceVersions }),
  REDUCE_ANY: reduction({ inputs: [index('input'), parameter('axes')], versions: boolVersions }),
  REDUCE_ALL: reduction({ inputs: [index('input'), parameter('axes')], versions: boolVersions }),
  ARG_MAX: argExtreme(),
  ARG_MIN: argExtreme(),
  // The segment ids decide the number of rows; constant ones tell it.
  SEGMENT_SUM: define({
    category: 'pooling',
    inputs: [activation(), index('segmentIds')],
    shapes: fromShape(0, (shape, view) => {
      const ids = view.constant(1);
      return [ids && ids.length > 0 ? Math.max(...ids) + 1 : UNKNOWN, ...shape.slice(1)];
    }),
    versions: versions({ 1: ['FLOAT32', 'INT32'] }),
  }),
  UNSORTED_SEGMENT_SUM: unsortedSegment(),
  UNSORTED_SEGMENT_PROD: unsortedSegment(),
  UNSORTED_SEGMENT_MAX: unsortedSegment(),
  UNSORTED_SEGMENT_MIN: unsortedSegment(),
} satisfies Partial<Record<KnownBuiltin, OpSpec>>;

/** Rows that share a segment id become one: [segments, sizes behind those of the ids]. */
function unsortedSegment(): OpSpec {
  return define({
    category: 'pooling',
    inputs: [activation(), index('segmentIds'), parameter('segments')],
    shapes: fromShape(0, (shape, view) => {
      const ids = view.inputShapes[1];
      return ids ? [view.constant(2)?.[0] ?? UNKNOWN, ...shape.slice(ids.length)] : null;
    }),
    versions: versions({ 1: ['FLOAT32', 'INT32'] }),
  });
}
