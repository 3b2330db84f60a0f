/** Small models for the tests of the passes. */
import {
  makeModel,
  makeOperator,
  makeQuantization,
  makeSubgraph,
  makeTensor,
} from '../../../src/core/model/edit';
import { makeOperatorCode } from '../../../src/core/model/operators';
import type { BuiltinOperator, Model, Operator, Tensor, TensorType } from '../../../src/core/model/types';
import { openModel } from '../../../src/core/model/open';
import { writeModel } from '../../../src/core/model/write';
import { presetOptions } from '../../../src/core/optimize/options';
import { passes } from '../../../src/core/optimize/passes';
import type { Options, PassResult } from '../../../src/core/optimize/types';
import { seededRandom } from '../../../src/core/random';

export interface TensorPlan extends Partial<
  Omit<Tensor, 'shape' | 'type' | 'quantization' | 'shapeSignature'>
> {
  readonly shape: readonly number[];
  readonly type?: TensorType;
  /** Constant values. */
  readonly data?: Float32Array | Int32Array | Int8Array | Uint8Array | Uint16Array;
  /** Another tensor's constant bytes, by name. */
  readonly sharesWith?: string;
  readonly scale?: number;
  readonly zeroPoint?: number;
  readonly signature?: readonly number[];
}

export interface OperatorPlan extends Partial<Omit<Operator, 'inputs' | 'outputs'>> {
  readonly kind: BuiltinOperator;
  readonly version?: number;
  /** Tensor names; `-` is an optional input left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

export interface ModelPlan {
  readonly tensors: Readonly<Record<string, TensorPlan>>;
  readonly operators: readonly OperatorPlan[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** A model with one subgraph; tensors are named and found by their keys. */
export function buildModel(plan: ModelPlan): Model {
  const places = new Map(Object.keys(plan.tensors).map((name, index) => [name, index]));
  const indexOf = (name: string) => {
    const index = places.get(name) ?? -1;
    if (index < 0 && name !== '-') throw new Error(`no tensor ${name}`);
    return index;
  };
  const buffers: Model['buffers'][number][] = [{ data: null, outside: false }];
  const bufferOf = new Map<string, number>();
  const tensors = Object.entries(plan.tensors).map(([name, entry]) => {
    const { shape, data, sharesWith, scale, zeroPoint, signature, type = 'FLOAT32', ...rest } = entry;
    let buffer = sharesWith === undefined ? 0 : bufferOf.get(sharesWith)!;
    if (data) {
      buffer = buffers.push({ data: new Uint8Array(data.buffer.slice(0)), outside: false }) - 1;
      bufferOf.set(name, buffer);
    }
    return makeTensor({
      name,
      type,
      shape: Int32Array.from(shape),
      shapeSignature: signature ? Int32Array.from(signature) : null,
      buffer,
      quantization: scale === undefined ? null : makeQuantization([scale], [zeroPoint ?? 0]),
      ...rest,
    });
  });
  const codes = plan.operators.map(({ kind, version = 1 }) => makeOperatorCode(kind, version));
  const operators = plan.operators.map(({ inputs, outputs, ...entry }, index) => {
    const rest: Partial<Operator> = Object.fromEntries(
      Object.entries(entry).filter(([key]) => key !== 'kind' && key !== 'version'),
    );
    return makeOperator({
      ...rest,
      opcodeIndex: index,
      inputs: Int32Array.from(inputs, indexOf),
      outputs: Int32Array.from(outputs, indexOf),
    });
  });
  return makeModel({
    operatorCodes: codes,
    buffers,
    subgraphs: [
      makeSubgraph({
        tensors,
        operators,
        inputs: Int32Array.from(plan.inputs, indexOf),
        outputs: Int32Array.from(plan.outputs, indexOf),
      }),
    ],
  });
}

/** `count` values in [-1, 1). */
export function randomValues(count: number, seed = 1): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: count }, () => random() * 2 - 1);
}

/** input [1, 4] -> FULLY_CONNECTED (weights [units, depth], bias) -> output. */
export function denseModel(units = 8, depth = 64, weights = randomValues(units * depth)): Model {
  return buildModel({
    tensors: {
      input: { shape: [1, depth] },
      weights: { shape: [units, depth], data: weights },
      bias: { shape: [units], data: randomValues(units, 2) },
      output: { shape: [1, units] },
    },
    operators: [fullyConnected(['input', 'weights', 'bias'], 'output')],
    inputs: ['input'],
    outputs: ['output'],
  });
}

export function fullyConnected(inputs: readonly string[], output: string): OperatorPlan {
  return {
    kind: 'FULLY_CONNECTED',
    inputs,
    outputs: [output],
    builtinOptions: {
      type: 'FullyConnectedOptions',
      value: {
        fusedActivationFunction: 'NONE',
        weightsFormat: 'DEFAULT',
        keepNumDims: false,
        asymmetricQuantizeInputs: false,
        quantizedBiasType: 'FLOAT32',
      },
    },
  };
}

/** Runs one pass with presets and `options`, and checks that the result writes and reads as a sound model. */
export function runPass(
  name: string,
  model: Model,
  options: Options = {},
  optionsFor?: (subgraph: number, operator: number) => Options | null,
): PassResult {
  const pass = passes[name]!;
  const all = { ...presetOptions(pass), ...options };
  const result = pass.run(model, all, {
    random: seededRandom(1),
    progress: () => undefined,
    signal: null,
    optionsFor: optionsFor ?? (() => all),
    calibration: null,
    isPlan: false,
  });
  if (result instanceof Promise) throw new Error(`${name} needs samples`);
  openModel(writeModel(result.model));
  return result;
}

/** Kinds and versions of the main subgraph: `FULLY_CONNECTED 9`. */
export function kindsOf(model: Model): string[] {
  return model.subgraphs[0]!.operators.map((operator) => {
    const code = model.operatorCodes[operator.opcodeIndex]!;
    return `${code.builtinCode} ${code.version}`;
  });
}

/** The tensor of that name in the main subgraph, and its index. */
export function findTensor(model: Model, name: string): { readonly tensor: Tensor; readonly index: number } {
  const index = model.subgraphs[0]!.tensors.findIndex((tensor) => tensor.name === name);
  const tensor = model.subgraphs[0]!.tensors[index];
  if (!tensor) throw new Error(`no tensor ${name}`);
  return { tensor, index };
}
