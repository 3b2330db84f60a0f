/** Operators that cut tensors apart and put them together: slices, splits, gathers, scatters. */
import { activation, define, fromConstant, fromShape, index, parameter } from './define';
import { sameScale, sameShape, versions } from './define';
import { optionsOf } from './operator-view';
import { frontAxis, plus, sharedSize, shapeOfParts, UNKNOWN } from './shape-math';
import { withNewAxis, withoutAxis, withSize } from './shape-math';
import type { KnownBuiltin, OperatorView, OpSpec, Shape } from './spec';
import { stridedSliceShape } from './strided-slice';

function mover(facts: Partial<OpSpec> & Pick<OpSpec, 'inputs' | 'shapes' | 'versions'>): OpSpec {
  return define({ category: 'shape', quantization: sameScale, ...facts });
}

function concatenated(view: OperatorView): Shape | null {
  const [first, ...others] = view.inputShapes;
  const axis = frontAxis(optionsOf(view, 'ConcatenationOptions')?.axis ?? 0, first?.length ?? 0);
  if (!first || axis === null) return null;
  let joined = first;
  for (const other of others) {
    if (other?.length !== first.length) return null;
    const sizes = joined.map((size, i) => (i === axis ? plus(size, other[i]!) : sharedSize(size, other[i]!)));
    const next = shapeOfParts(...sizes);
    if (!next) return null;
    joined = next;
  }
  return joined;
}

/** Begin in input 1, size in input 2, where -1 is all that is left. */
function sliced(input: Shape, view: OperatorView): Shape | null {
  const begin = view.constant(1);
  const sizes = view.constant(2);
  if (sizes?.length !== input.length) return null;
  return input.map((size, i) => {
    if (sizes[i]! >= 0) return sizes[i]!;
    return size < 0 || !begin ? UNKNOWN : size - (begin[i] ?? 0);
  });
}

/** Equal parts along the axis in input 0. */
function splitEvenly(view: OperatorView): readonly (Shape | null)[] {
  const input = view.inputShapes[1];
  const axis = frontAxis(view.constant(0)?.[0], input?.length ?? 0);
  const parts = optionsOf(view, 'SplitOptions')?.numSplits ?? view.outputs.length;
  const size = axis === null ? undefined : input?.[axis];
  if (!input || axis === null || size === undefined || parts < 1) return view.outputs.map(() => null);
  return view.outputs.map(() => withSize(input, axis, size < 0 ? UNKNOWN : Math.floor(size / parts)));
}

/** Parts of the sizes in input 1 along the axis in input 2; one of them may be -1, the rest. */
function splitBySizes(view: OperatorView): readonly (Shape | null)[] {
  const input = view.inputShapes[0];
  const sizes = view.constant(1);
  const axis = frontAxis(view.constant(2)?.[0], input?.length ?? 0);
  if (!input || !sizes || axis === null) return view.outputs.map(() => null);
  const taken = sizes.reduce((sum, size) => sum + Math.max(size, 0), 0);
  const rest = input[axis]! < 0 ? UNKNOWN : input[axis]! - taken;
  return view.outputs.map((_, i) => {
    const size = sizes[i];
    return size === undefined ? null : withSize(input, axis, size < 0 ? rest : size);
  });
}

function gathered(input: Shape, view: OperatorView): Shape | null {
  const options = optionsOf(view, 'GatherOptions');
  const indices = view.inputShapes[1];
  const axis = frontAxis(options?.axis ?? 0, input.length);
  const batch = options?.batchDims ?? 0;
  if (!indices || axis === null) return null;
  const skipped = batch < 0 ? batch + indices.length : batch;
  return [...input.slice(0, axis), ...indices.slice(skipped), ...input.slice(axis + 1)];
}

/** The last axis of the indices runs over leading axes of the input. */
function gatheredByTuple(input: Shape, view: OperatorView): Shape | null {
  const indices = view.inputShapes[1];
  const depth = indices?.at(-1);
  if (!indices || depth === undefined || depth < 0) return null;
  return [...indices.slice(0, -1), ...input.slice(depth)];
}

/** The input's shape with its last size replaced by k (input 1). */
function topShape(input: Shape, view: OperatorView): Shape | null {
  return input.length === 0 ? null : withSize(input, input.length - 1, view.constant(1)?.[0] ?? UNKNOWN);
}

function oneHotShape(input: Shape, view: OperatorView): Shape | null {
  const axis = frontAxis(optionsOf(view, 'OneHotOptions')?.axis ?? -1, input.length + 1);
  return axis === null ? null : withNewAxis(input, axis, view.constant(1)?.[0] ?? UNKNOWN);
}

/** How many steps of `delta` fit between start and limit. */
function rangeShape(view: OperatorView): Shape {
  const [start, limit, delta] = [0, 1, 2].map((input) => view.constant(input)?.[0]);
  if (start === undefined || limit === undefined || !delta) return [UNKNOWN];
  return [Math.max(0, Math.ceil((limit - start) / delta))];
}

export const slicing = {
  CONCATENATION: mover({
    inputs: [activation()],
    variadicInputs: true,
    shapes: (view) => [concatenated(view)],
    versions: versions({
      1: ['FLOAT32', 'INT32', 'INT64', 'UINT8', 'BOOL'],
      2: ['INT8'],
      3: ['INT16'],
      4: ['UINT32'],
      5: ['INT4'],
      6: ['FLOAT16'],
    }),
  }),
  PACK: mover({
    inputs: [activation()],
    variadicInputs: true,
    shapes: fromShape(0, (input, view) => {
      const axis = frontAxis(optionsOf(view, 'PackOptions')?.axis ?? 0, input.length + 1);
      return axis === null ? null : withNewAxis(input, axis, view.inputs.length);
    }),
    versions: versions({
      1: ['FLOAT32', 'INT32', 'INT64', 'UINT8'],
      2: ['INT8'],
      3: ['INT16'],
      4: ['UINT32'],
    }),
  }),
  UNPACK: mover({
    inputs: [activation()],
    variadicOutputs: true,
    shapes: (view) => {
      const input = view.inputShapes[0];
      const axis = frontAxis(optionsOf(view, 'UnpackOptions')?.axis ?? 0, input?.length ?? 0);
      return view.outputs.map(() => (input && axis !== null ? withoutAxis(input, axis) : null));
    },
    versions: versions({
      1: ['FLOAT32', 'INT32'],
      2: ['INT8', 'UINT8'],
      3: ['BOOL'],
      4: ['INT16'],
      5: ['FLOAT16', 'BFLOAT16'],
    }),
  }),
  SPLIT: mover({
    inputs: [parameter('axis'), activation()],
    variadicOutputs: true,
    shapes: splitEvenly,
    versions: versions({ 1: ['FLOAT32', 'UINT8'], 2: ['INT8'], 3: ['INT32'], 4: ['INT16'] }),
  }),
  SPLIT_V: mover({
    inputs: [activation(), parameter('sizes'), parameter('axis')],
    variadicOutputs: true,
    shapes: splitBySizes,
    versions: versions({ 1: ['FLOAT32', 'INT16', 'INT32', 'INT64', 'UINT8'], 2: ['INT8'] }),
  }),
  SLICE: mover({
    inputs: [activation(), parameter('begin'), parameter('size')],
    shapes: fromShape(0, sliced),
    versions: versions({
      1: ['FLOAT32', 'INT32', 'INT64', 'UINT8', 'BOOL'],
      2: ['INT8'],
      3: ['STRING'],
      4: ['INT16'],
      6: ['UINT32'],
      7: ['INT4'],
      8: ['FLOAT16'],
    }),
  }),
  STRIDED_SLICE: mover({
    inputs: [activation(), parameter('begin'), parameter('end'), parameter('strides')],
    shapes: fromShape(0, stridedSliceShape),
    versions: versions({
      1: ['FLOAT32', 'FLOAT16', 'INT32', 'INT64', 'UINT8', 'INT16'],
      2: ['INT8'],
      3: ['BOOL'],
      5: ['STRING'],
      7: ['UINT32'],
    }),
  }),
  GATHER: mover({
    inputs: [activation(), index()],
    shapes: fromShape(0, gathered),
    versions: versions({
      1: ['FLOAT32', 'INT32', 'INT64', 'UINT8', 'STRING'],
      2: ['INT8'],
      3: ['BOOL'],
      4: ['INT16'],
      7: ['INT4'],
    }),
  }),
  GATHER_ND: mover({
    inputs: [activation(), index()],
    shapes: fromShape(0, gatheredByTuple),
    versions: versions({
      1: ['FLOAT32', 'INT8', 'INT32', 'INT64', 'UINT8'],
      2: ['STRING'],
      3: ['INT16'],
      5: ['BOOL'],
    }),
  }),
  SCATTER_ND: mover({
    inputs: [index(), activation('updates'), parameter('shape')],
    shapes: fromConstant(2, (target) => target),
    versions: versions({ 1: ['FLOAT32', 'INT8', 'UINT8', 'INT32', 'INT64', 'BOOL'] }),
  }),
  SPARSE_TO_DENSE: define({
    category: 'shape',
    inputs: [index(), parameter('shape'), activation('values'), activation('defaultValue')],
    shapes: fromConstant(1, (target) => target),
    versions: versions({ 1: ['FLOAT32', 'INT32'], 2: ['INT64'], 3: ['INT8', 'UINT8'] }),
  }),
  DYNAMIC_UPDATE_SLICE: mover({
    inputs: [activation(), activation('update'), index('start')],
    shapes: sameShape(),
    versions: versions({
      1: ['FLOAT32', 'INT8', 'INT32', 'INT64', 'BOOL'],
      3: ['FLOAT16'],
      4: ['INT16'],
      5: ['INT4'],
      6: ['BFLOAT16'],
    }),
  }),
  FILL: mover({
    inputs: [parameter('shape'), activation('value')],
    shapes: fromConstant(0, (target) => target),
    versions: versions({
      1: ['FLOAT32', 'INT32', 'INT64'],
      2: ['BOOL', 'STRING'],
      3: ['INT8', 'INT16'],
      4: ['FLOAT16'],
    }),
  }),
  ZEROS_LIKE: define({
    category: 'shape',
    inputs: [activation()],
    shapes: sameShape(),
    versions: versions({ 1: ['FLOAT32', 'INT32', 'INT64'] }),
  }),
  RANGE: define({
    category: 'shape',
    inputs: [parameter('start'), parameter('limit'), parameter('delta')],
    shapes: (view) => [rangeShape(view)],
    versions: versions({ 1: ['FLOAT32', 'INT32'], 2: ['INT64'] }),
  }),
  ONE_HOT: define({
    category: 'shape',
    inputs: [index(), parameter('depth'), activation('onValue'), activation('offValue')],
    shapes: fromShape(0, oneHotShape),
    versions: versions({ 1: ['FLOAT32', 'INT32', 'INT64', 'INT8', 'UINT8', 'BOOL'] }),
  }),
  TOPK_V2: mover({
    inputs: [activation(), parameter('k')],
    outputs: ['values', 'indices'],
    shapes: (view) => {
      const input = view.inputShapes[0];
      const top = input ? topShape(input, view) : null;
      return [top, top];
    },
    versions: versions({ 1: ['FLOAT32', 'INT32', 'INT64', 'UINT8'], 2: ['INT8'], 3: ['INT16'] }),
  }),
  // How many places are true is known at run time only.
  WHERE: define({
    category: 'shape',
    inputs: [activation('condition')],
    shapes: fromShape(0, (input) => [UNKNOWN, input.length]),
    quantization: { kind: 'index-only' },
    versions: versions({ 1: ['BOOL'], 2: ['FLOAT32', 'INT8', 'UINT8', 'INT32', 'UINT32', 'INT64'] }),
  }),
  UNIQUE: define({
    category: 'shape',
    inputs: [activation()],
    outputs: ['values', 'indices'],
    shapes: (view) => [[UNKNOWN], view.inputShapes[0] ?? null],
    versions: versions({ 1: ['FLOAT32', 'INT8', 'UINT8', 'INT16', 'INT32', 'INT64'] }),
  }),
} satisfies Partial<Record<KnownBuiltin, OpSpec>>;
