/** Operators that cut tensors apart and put them together: slices, splits, gathers, scatters. */
import { activation, define, fromConstant, fromShape, index, parameter } from './define';
import { sameScale, sameShape, versions } from './define';
import { optionsOf } from './operator-view';
import { frontAxis, UNKNOWN, withNewAxis, withoutAxis } from './shape-math';
import * as infer from './slicing-inference';
import type { KnownBuiltin, OpSpec } from './spec';
import { stridedSliceShape } from './strided-slice';

function mover(facts: Partial<OpSpec> & Pick<OpSpec, 'inputs' | 'shapes' | 'versions'>): OpSpec {
  return define({ category: 'shape', quantization: sameScale, ...facts });
}

export const slicing = {
  CONCATENATION: mover({
    inputs: [activation()],
    variadicInputs: true,
    shapes: (view) => [infer.concatenated(view)],
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
    shapes: infer.splitEvenly,
    versions: versions({ 1: ['FLOAT32', 'UINT8'], 2: ['INT8'], 3: ['INT32'], 4: ['INT16'] }),
  }),
  SPLIT_V: mover({
    inputs: [activation(), parameter('sizes'), parameter('axis')],
    variadicOutputs: true,
    shapes: infer.splitBySizes,
    versions: versions({ 1: ['FLOAT32', 'INT16', 'INT32', 'INT64', 'UINT8'], 2: ['INT8'] }),
  }),
  SLICE: mover({
    inputs: [activation(), parameter('begin'), parameter('size')],
    shapes: fromShape(0, infer.sliced),
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
    shapes: fromShape(0, infer.gathered),
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
    shapes: fromShape(0, infer.gatheredByTuple),
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
    shapes: (view) => [infer.rangeShape(view)],
    versions: versions({ 1: ['FLOAT32', 'INT32'], 2: ['INT64'] }),
  }),
  ONE_HOT: define({
    category: 'shape',
    inputs: [index(), parameter('depth'), activation('onValue'), activation('offValue')],
    shapes: fromShape(0, infer.oneHotShape),
    versions: versions({ 1: ['FLOAT32', 'INT32', 'INT64', 'INT8', 'UINT8', 'BOOL'] }),
  }),
  TOPK_V2: mover({
    inputs: [activation(), parameter('k')],
    outputs: ['values', 'indices'],
    shapes: (view) => {
      const input = view.inputShapes[0];
      const top = input ? infer.topShape(input, view) : null;
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
