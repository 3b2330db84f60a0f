/** Random small graphs out of operators that have integer kernels: chains, branches and joins. */
import fc from 'fast-check';
import type { Model } from '../../../src/core/model/types';
import {
  buildModel,
  fullyConnected,
  type OperatorPlan,
  randomValues,
  type TensorPlan,
} from '../optimize/fixtures';
import { optionsOf } from './operators';

interface Step {
  /** Which of the values so far is read, counted from the newest. */
  readonly from: number;
  /** Which other value a join reads. */
  readonly other: number;
  /** Which of the operators that fit is taken. */
  readonly choice: number;
  /** Output channels of layers. */
  readonly width: number;
  readonly seed: number;
}

interface Value {
  readonly name: string;
  readonly shape: readonly number[];
}

interface Operation {
  readonly isSmooth: boolean;
  fits(shape: readonly number[]): boolean;
  add(graph: Growing, from: Value, step: Step): void;
}

const LARGEST_CHANNELS = 16;
const LARGEST_SIDE = 8;

class Growing {
  readonly tensors: Record<string, TensorPlan> = {};
  readonly operators: OperatorPlan[] = [];
  readonly values: Value[] = [];

  value(shape: readonly number[]): string {
    const name = `t${this.values.length}`;
    this.tensors[name] = { shape };
    this.values.push({ name, shape });
    return name;
  }

  /** Weights that keep values about as large as they were. */
  weights(shape: readonly number[], depth: number, seed: number): string {
    const size = shape.reduce((a, b) => a * b, 1);
    const values = randomValues(size, seed + 1).map((value) => (value * 1.7) / Math.sqrt(depth));
    return this.constant({ shape, data: values });
  }

  constant(plan: TensorPlan): string {
    const name = `c${Object.keys(this.tensors).length}`;
    this.tensors[name] = plan;
    return name;
  }

  /** A value of the same shape, perhaps the same one. */
  partner({ shape }: Value, { other }: Step): Value {
    const alike = this.values.filter((value) => value.shape.join() === shape.join());
    return alike[other % alike.length]!;
  }
}

const isImage = (shape: readonly number[]) => shape.length === 4;
const isLarge = (shape: readonly number[]) => isImage(shape) && shape[1]! >= 2 && shape[2]! >= 2;
const last = (shape: readonly number[]) => shape.at(-1)!;
const withLast = (shape: readonly number[], size: number) => [...shape.slice(0, -1), size];
const int32 = (...values: number[]): TensorPlan => ({
  shape: [values.length],
  type: 'INT32',
  data: Int32Array.from(values),
});

function elementwise(kind: OperatorPlan['kind'], isSmooth: boolean): Operation {
  return {
    isSmooth,
    fits: () => true,
    add: (graph, { name, shape }) =>
      graph.operators.push({ kind, inputs: [name], outputs: [graph.value(shape)] }),
  };
}

function join(kind: OperatorPlan['kind'], builtinOptions: OperatorPlan['builtinOptions']): Operation {
  return {
    isSmooth: true,
    fits: () => true,
    add(graph, from, step) {
      const inputs = [from.name, graph.partner(from, step).name];
      graph.operators.push({
        kind,
        inputs,
        outputs: [graph.value(from.shape)],
        builtinOptions: builtinOptions!,
      });
    },
  };
}

function pool(kind: OperatorPlan['kind']): Operation {
  const sizes = { strideW: 2, strideH: 2, filterWidth: 2, filterHeight: 2 };
  const builtinOptions = optionsOf('Pool2DOptions', { padding: 'VALID', ...sizes });
  return {
    isSmooth: true,
    fits: isLarge,
    add(graph, { name, shape }) {
      const [n, height, width, channels] = shape as [number, number, number, number];
      const output = graph.value([n, height >> 1, width >> 1, channels]);
      graph.operators.push({ kind, inputs: [name], outputs: [output], builtinOptions });
    },
  };
}

const operations: Readonly<Record<string, Operation>> = {
  CONV_2D: {
    isSmooth: true,
    fits: isImage,
    add(graph, { name, shape }, { width, seed }) {
      const depth = 9 * last(shape);
      const weights = graph.weights([width, 3, 3, last(shape)], depth, seed);
      const bias = graph.weights([width], 4, seed + 1);
      const builtinOptions = optionsOf('Conv2DOptions', { padding: 'SAME', strideW: 1, strideH: 1 });
      const outputs = [graph.value(withLast(shape, width))];
      graph.operators.push({ kind: 'CONV_2D', inputs: [name, weights, bias], outputs, builtinOptions });
    },
  },
  DEPTHWISE_CONV_2D: {
    isSmooth: true,
    fits: isImage,
    add(graph, { name, shape }, { seed }) {
      const weights = graph.weights([1, 3, 3, last(shape)], 9, seed);
      const bias = graph.weights([last(shape)], 4, seed + 1);
      const sizes = { strideW: 1, strideH: 1, depthMultiplier: 1 };
      const builtinOptions = optionsOf('DepthwiseConv2DOptions', { padding: 'SAME', ...sizes });
      const outputs = [graph.value(shape)];
      graph.operators.push({
        kind: 'DEPTHWISE_CONV_2D',
        inputs: [name, weights, bias],
        outputs,
        builtinOptions,
      });
    },
  },
  FULLY_CONNECTED: {
    isSmooth: true,
    fits: (shape) => shape.length === 2,
    add(graph, { name, shape }, { width, seed }) {
      const weights = graph.weights([width, last(shape)], last(shape), seed);
      const bias = seed % 2 === 0 ? '-' : graph.weights([width], 4, seed + 1);
      graph.operators.push(fullyConnected([name, weights, bias], graph.value([shape[0]!, width])));
    },
  },
  ADD: join('ADD', optionsOf('AddOptions')),
  MUL: join('MUL', optionsOf('MulOptions')),
  MAXIMUM: join('MAXIMUM', optionsOf('MaximumMinimumOptions')),
  MINIMUM: join('MINIMUM', optionsOf('MaximumMinimumOptions')),
  CONCATENATION: {
    isSmooth: true,
    fits: (shape) => 2 * last(shape) <= LARGEST_CHANNELS,
    add(graph, from, step) {
      const inputs = [from.name, graph.partner(from, step).name];
      const builtinOptions = optionsOf('ConcatenationOptions', { axis: from.shape.length - 1 });
      const outputs = [graph.value(withLast(from.shape, 2 * last(from.shape)))];
      graph.operators.push({ kind: 'CONCATENATION', inputs, outputs, builtinOptions });
    },
  },
  SPLIT: {
    isSmooth: true,
    fits: (shape) => last(shape) % 2 === 0,
    add(graph, { name, shape }) {
      const axis = graph.constant({ shape: [], type: 'INT32', data: Int32Array.of(shape.length - 1) });
      const half = withLast(shape, last(shape) / 2);
      const builtinOptions = optionsOf('SplitOptions', { numSplits: 2 });
      const outputs = [graph.value(half), graph.value(half)];
      graph.operators.push({ kind: 'SPLIT', inputs: [axis, name], outputs, builtinOptions });
    },
  },
  RESHAPE: {
    isSmooth: true,
    fits: isImage,
    add(graph, { name, shape }) {
      const size = shape.reduce((a, b) => a * b, 1);
      const inputs = [name, graph.constant(int32(1, size))];
      graph.operators.push({ kind: 'RESHAPE', inputs, outputs: [graph.value([1, size])] });
    },
  },
  PAD: {
    isSmooth: true,
    fits: (shape) => isImage(shape) && Math.max(shape[1]!, shape[2]!) < LARGEST_SIDE,
    add(graph, { name, shape }) {
      const [n, height, width, channels] = shape as [number, number, number, number];
      const paddings = { shape: [4, 2], type: 'INT32', data: Int32Array.of(0, 0, 1, 0, 0, 1, 0, 0) } as const;
      const outputs = [graph.value([n, height + 1, width + 1, channels])];
      graph.operators.push({ kind: 'PAD', inputs: [name, graph.constant(paddings)], outputs });
    },
  },
  TRANSPOSE: {
    isSmooth: true,
    fits: isImage,
    add(graph, { name, shape }) {
      const [n, height, width, channels] = shape as [number, number, number, number];
      const inputs = [name, graph.constant(int32(0, 2, 1, 3))];
      graph.operators.push({
        kind: 'TRANSPOSE',
        inputs,
        outputs: [graph.value([n, width, height, channels])],
      });
    },
  },
  MAX_POOL_2D: pool('MAX_POOL_2D'),
  AVERAGE_POOL_2D: pool('AVERAGE_POOL_2D'),
  LOGISTIC: elementwise('LOGISTIC', true),
  // What they leave of their input may be smaller than the input's own rounding.
  RELU: elementwise('RELU', false),
  TANH: elementwise('TANH', false),
};

/** A model with the input t0 [1, 6, 6, 4] whose outputs are all values that no operator reads. */
function grow(steps: readonly Step[], isSmooth: boolean): Model {
  const graph = new Growing();
  graph.value([1, 6, 6, 4]);
  for (const step of steps) {
    const from = graph.values.at(-1 - (step.from % graph.values.length))!;
    const fitting = Object.values(operations).filter(
      (one) => one.fits(from.shape) && (one.isSmooth || !isSmooth),
    );
    fitting[step.choice % fitting.length]!.add(graph, from, step);
  }
  const read = new Set(graph.operators.flatMap(({ inputs }) => inputs));
  return buildModel({
    tensors: graph.tensors,
    operators: graph.operators,
    inputs: ['t0'],
    outputs: graph.values.flatMap(({ name }) => (read.has(name) ? [] : [name])),
  });
}

const step: fc.Arbitrary<Step> = fc.record({
  // Mostly the newest value, so that chains grow.
  from: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(8) }),
  other: fc.nat(8),
  choice: fc.nat(1_000),
  width: fc.integer({ min: 3, max: 8 }),
  seed: fc.nat(1e6),
});

/** Models of 3 to 8 operators; smooth ones have none that may leave less than the rounding before it. */
export function randomGraphs(isSmooth: boolean): fc.Arbitrary<Model> {
  return fc.array(step, { minLength: 3, maxLength: 8 }).map((steps) => grow(steps, isSmooth));
}
