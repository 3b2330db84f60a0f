/** Matrix products and table look-ups. */
import { activation, bias, define, free, index, optional, perTensorHybrid } from './define';
import { parameter, unknownShapes, versions, weight } from './define';
import { optionsOf } from './operator-view';
import { broadcast, count, countAtLeast, shapeOfParts } from './shape-math';
import type { KnownBuiltin, OperatorView, OpSpec, Shape } from './spec';

function fullyConnectedShape(view: OperatorView): Shape | null {
  const input = view.inputShapes[0];
  const filter = view.inputShapes[1];
  const options = optionsOf(view, 'FullyConnectedOptions');
  if (!input || filter?.length !== 2) return null;
  const [units, depth] = filter;
  if (options?.keepNumDims) return shapeOfParts(...input.slice(0, -1), units);
  const elements = count(input);
  return shapeOfParts(elements < 0 || !depth ? -1 : elements / depth, units);
}

/** The last two sizes as [rows, columns] after the adjoint option. */
function matrixOf(shape: Shape | null | undefined, adjoint: boolean): [number, number] | null {
  const rows = shape?.at(-2);
  const columns = shape?.at(-1);
  if (rows === undefined || columns === undefined) return null;
  return adjoint ? [columns, rows] : [rows, columns];
}

function batchMatMul(view: OperatorView): { shape: Shape | null; depth: number } {
  const options = optionsOf(view, 'BatchMatMulOptions');
  const x = matrixOf(view.inputShapes[0], options?.adjX ?? false);
  const y = matrixOf(view.inputShapes[1], options?.adjY ?? false);
  const batch = broadcast(view.inputShapes[0]?.slice(0, -2), view.inputShapes[1]?.slice(0, -2));
  if (!x || !y || !batch) return { shape: null, depth: 0 };
  return { shape: [...batch, x[0], y[1]], depth: Math.max(x[1], y[0]) };
}

/** Row `ids` of a table: the ids' first size, then the table's other sizes. */
function lookupShape(view: OperatorView, table: number): Shape | null {
  const ids = view.inputShapes[0];
  const values = view.inputShapes[table];
  return ids && values && values.length > 0 ? shapeOfParts(ids[0], ...values.slice(1)) : null;
}

export const dense = {
  // Weights [units, depth]. Shuffled weights add a second output, a workspace of no use to others.
  FULLY_CONNECTED: define({
    category: 'dense',
    inputs: [activation(), weight('weights', 0), optional(bias())],
    variadicOutputs: true,
    shapes: (view) => view.outputs.map((_, i) => (i === 0 ? fullyConnectedShape(view) : null)),
    macs: (view) => countAtLeast(view.outputShapes[0] ?? [0]) * Math.max(view.inputShapes[1]?.[1] ?? 0, 0),
    quantization: free,
    hybrid: {
      weightInputs: [1],
      perChannel: true,
      versionPerTensor: 3,
      versionPerChannel: 12,
      versionAsymmetric: 9,
    },
    versions: versions({ 1: ['FLOAT32', 'UINT8'], 4: ['INT8'], 7: ['INT16'] }),
  }),
  BATCH_MATMUL: define({
    category: 'dense',
    inputs: [activation('x'), activation('y')],
    shapes: (view) => [batchMatMul(view).shape],
    macs: (view) => countAtLeast(view.outputShapes[0] ?? [0]) * Math.max(batchMatMul(view).depth, 1),
    quantization: free,
    hybrid: perTensorHybrid([1], 1, 4),
    versions: versions({ 1: ['FLOAT32'], 2: ['INT8'], 3: ['INT16'] }),
  }),
  // Table [rows, ...]. The quantized table gives float rows.
  EMBEDDING_LOOKUP: define({
    category: 'dense',
    inputs: [index('ids'), weight('table', 0)],
    shapes: (view) => [lookupShape(view, 1)],
    hybrid: {
      weightInputs: [1],
      perChannel: true,
      versionPerTensor: 3,
      versionPerChannel: 4,
      versionAsymmetric: null,
    },
    versions: versions({ 1: ['FLOAT32', 'UINT8', 'INT8'] }),
  }),
  // Number of rows and combination depend on the ids.
  EMBEDDING_LOOKUP_SPARSE: define({
    category: 'dense',
    inputs: [index('ids'), index(), parameter('shape'), activation('weights'), weight('table', 0)],
    shapes: unknownShapes,
  }),
  HASHTABLE_LOOKUP: define({
    category: 'dense',
    inputs: [index('ids'), index('keys'), weight('table', 0)],
    outputs: ['output', 'hits'],
    shapes: (view) => [lookupShape(view, 2), shapeOfParts(view.inputShapes[0]?.[0])],
    versions: versions({ 1: ['FLOAT32', 'INT32', 'UINT8', 'STRING'] }),
  }),
  CONCAT_EMBEDDINGS: define({
    category: 'dense',
    inputs: [activation()],
    variadicInputs: true,
    shapes: unknownShapes,
    versions: {},
  }),
} satisfies Partial<Record<KnownBuiltin, OpSpec>>;
