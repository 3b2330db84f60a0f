/** Recurrent cells and sequences. Each weight meets the data once per step and batch, hence the MACs. */
import { activation, bias, define, free, optional, perTensorHybrid } from './define';
import { state, versions, weight } from './define';
import { optionsOf } from './operator-view';
import { countAtLeast, plus, shapeOfParts, times } from './shape-math';
import type { KnownBuiltin, MacsRule, Operand, OperatorView, OpSpec, Shape } from './spec';

/** The weight matrices of an LSTM in schema order: 1 to 11. Without those of the input gate it is a CIFG cell. */
function lstmWeights(prefix = ''): readonly Operand[] {
  const gates = ['Input', 'Forget', 'Cell', 'Output'] as const;
  const named = (name: string) =>
    weight(prefix === '' ? name : prefix + name[0]!.toUpperCase() + name.slice(1));
  return [
    ...gates.map((gate, i) => (i === 0 ? optional(named(`inputTo${gate}`)) : named(`inputTo${gate}`))),
    ...gates.map((gate, i) =>
      i === 0 ? optional(named(`recurrentTo${gate}`)) : named(`recurrentTo${gate}`),
    ),
    ...(['Input', 'Forget', 'Output'] as const).map((gate) => optional(named(`cellTo${gate}`))),
  ];
}

/** Biases of the four gates, then projection weights and bias: inputs 12 to 17. */
function lstmTail(prefix = ''): readonly Operand[] {
  const named = (name: string) => (prefix === '' ? name : prefix + name[0]!.toUpperCase() + name.slice(1));
  return [
    optional(bias(named('inputGateBias'))),
    bias(named('forgetGateBias')),
    bias(named('cellGateBias')),
    bias(named('outputGateBias')),
    optional(weight(named('projection'))),
    optional(bias(named('projectionBias'))),
  ];
}

/** Inputs of LSTM (full kernel) and UNIDIRECTIONAL_SEQUENCE_LSTM: 20, or 24 with layer normalization. */
const lstmInputs: readonly Operand[] = [
  activation(),
  ...lstmWeights(),
  ...lstmTail(),
  state('outputState'),
  state('cellState'),
  ...['input', 'forget', 'cell', 'output'].map((gate) => optional(weight(`${gate}LayerNorm`))),
];

const bidirectionalInputs: readonly Operand[] = [
  activation(),
  ...lstmWeights('forward'),
  ...lstmTail('forward'),
  ...lstmWeights('backward'),
  ...lstmTail('backward'),
  ...['forwardOutputState', 'forwardCellState', 'backwardOutputState', 'backwardCellState'].map(state),
  optional(activation('auxiliaryInput')),
  ...['forward', 'backward'].flatMap((way) =>
    ['Input', 'Forget', 'Cell', 'Output'].map((gate) => optional(weight(`${way}AuxiliaryTo${gate}`))),
  ),
];

const lstmHybridInputs = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 16];

function elementsOf(view: OperatorView, inputs: readonly number[]): number {
  return inputs.reduce((sum, i) => {
    const shape = view.inputShapes[i];
    return sum + (shape ? countAtLeast(shape) : 0);
  }, 0);
}

/** Elements of these weights, times the steps: all sizes of the input but the last. */
function perStep(weights: readonly number[]): MacsRule {
  return (view) => countAtLeast(view.inputShapes[0]?.slice(0, -1) ?? [0]) * elementsOf(view, weights);
}

/** Whether an LSTM is the basic cell: five inputs, four outputs, all weights in one matrix. */
export function isBasicLstm(view: Pick<OperatorView, 'kind' | 'operator'>): boolean {
  return view.kind === 'LSTM' && optionsOf(view, 'LSTMOptions')?.kernelType === 'BASIC';
}

/** Inputs of the basic cell: weights [4 * units, depth + units]. */
export const basicLstmInputs: readonly Operand[] = [
  activation(),
  state('previousActivation'),
  weight('weights'),
  bias(),
  state('previousState'),
];

function basicLstmShapes(view: OperatorView): readonly (Shape | null)[] {
  const [input, activationBefore, , , stateBefore] = view.inputShapes;
  const batch = input?.[0];
  const units = activationBefore?.[1];
  const depth = input?.[1];
  return [
    activationBefore ?? null,
    stateBefore ?? null,
    depth === undefined || units === undefined ? null : shapeOfParts(batch, plus(depth, units)),
    units === undefined ? null : shapeOfParts(batch, times(4, units)),
  ];
}

/** The input's shape with the cell's output size last: that of the recurrent weights [cells, outputs]. */
function withUnits(view: OperatorView, recurrent: number): Shape | null {
  const input = view.inputShapes[0];
  return input ? shapeOfParts(...input.slice(0, -1), view.inputShapes[recurrent]?.at(-1)) : null;
}

/** Both directions side by side in one output when merged, else in two. */
function twoWays(view: OperatorView, forward: number, backward: number, isMerged: boolean) {
  const ahead = withUnits(view, forward);
  const back = withUnits(view, backward);
  if (!isMerged) return [ahead, back].slice(0, Math.max(view.outputs.length, 1));
  const [a, b] = [ahead?.at(-1), back?.at(-1)];
  return [ahead && a !== undefined && b !== undefined ? [...ahead.slice(0, -1), plus(a, b)] : null];
}

const quantizedLstm = versions({ 1: ['FLOAT32'], 2: ['INT8', 'UINT8'], 5: ['INT16'] });

export const recurrent = {
  LSTM: define({
    category: 'recurrent',
    inputs: lstmInputs,
    variadicOutputs: true,
    shapes: (view) => (isBasicLstm(view) ? basicLstmShapes(view) : [withUnits(view, 8)]),
    macs: (view) => (isBasicLstm(view) ? perStep([2])(view) : perStep(lstmHybridInputs)(view)),
    quantization: free,
    hybrid: perTensorHybrid(lstmHybridInputs, 3, 4),
    versions: quantizedLstm,
  }),
  UNIDIRECTIONAL_SEQUENCE_LSTM: define({
    category: 'recurrent',
    inputs: lstmInputs,
    shapes: (view) => [withUnits(view, 8)],
    macs: perStep(lstmHybridInputs),
    quantization: free,
    hybrid: perTensorHybrid(lstmHybridInputs, 2, 3),
    versions: versions({ 1: ['FLOAT32'], 2: ['INT8'], 5: ['INT16'] }),
  }),
  BIDIRECTIONAL_SEQUENCE_LSTM: define({
    category: 'recurrent',
    inputs: bidirectionalInputs,
    outputs: ['forward', 'backward'],
    variadicOutputs: true,
    shapes: (view) =>
      twoWays(view, 8, 25, optionsOf(view, 'BidirectionalSequenceLSTMOptions')?.mergeOutputs ?? false),
    macs: perStep(bidirectionalInputs.flatMap((operand, i) => (operand.role === 'weight' ? [i] : []))),
    hybrid: perTensorHybrid(
      bidirectionalInputs.flatMap((operand, i) => (operand.role === 'weight' ? [i] : [])),
      2,
      3,
    ),
  }),
  RNN: define({
    category: 'recurrent',
    inputs: [activation(), weight('inputWeights'), weight('recurrentWeights'), bias(), state('hiddenState')],
    shapes: (view) => [withUnits(view, 2)],
    macs: perStep([1, 2]),
    hybrid: perTensorHybrid([1, 2], 2, 3),
  }),
  UNIDIRECTIONAL_SEQUENCE_RNN: define({
    category: 'recurrent',
    inputs: [activation(), weight('inputWeights'), weight('recurrentWeights'), bias(), state('hiddenState')],
    shapes: (view) => [withUnits(view, 2)],
    macs: perStep([1, 2]),
    hybrid: perTensorHybrid([1, 2], 2, 3),
  }),
  BIDIRECTIONAL_SEQUENCE_RNN: define({
    category: 'recurrent',
    inputs: [
      activation(),
      ...['forward', 'backward'].flatMap((way) => [
        weight(`${way}InputWeights`),
        weight(`${way}RecurrentWeights`),
        bias(`${way}Bias`),
        state(`${way}HiddenState`),
      ]),
      optional(activation('auxiliaryInput')),
      optional(weight('forwardAuxiliaryWeights')),
      optional(weight('backwardAuxiliaryWeights')),
    ],
    outputs: ['forward', 'backward'],
    variadicOutputs: true,
    shapes: (view) =>
      twoWays(view, 2, 6, optionsOf(view, 'BidirectionalSequenceRNNOptions')?.mergeOutputs ?? false),
    macs: perStep([1, 2, 5, 6, 10, 11]),
    hybrid: perTensorHybrid([1, 2, 5, 6, 10, 11], 2, 3),
  }),
  // A matrix of rank-1 filters: feature weights [filters, depth], time weights [filters, memory].
  SVDF: define({
    category: 'recurrent',
    inputs: [
      activation(),
      weight('featureWeights'),
      weight('timeWeights'),
      optional(bias()),
      state('activationState'),
    ],
    shapes: (view) => {
      const rank = optionsOf(view, 'SVDFOptions')?.rank ?? 0;
      const filters = view.inputShapes[1]?.[0] ?? 0;
      return [rank > 0 ? shapeOfParts(view.inputShapes[0]?.[0], filters / rank) : null];
    },
    macs: perStep([1, 2]),
    quantization: free,
    hybrid: perTensorHybrid([1, 2], 2, 4),
    versions: versions({ 1: ['FLOAT32'], 3: ['INT8'] }),
  }),
} satisfies Partial<Record<KnownBuiltin, OpSpec>>;
