/** Short words in which the rows of the operator table are written. */
import type { TensorType } from '../model/types';
import type { HybridRule, MacsRule, Operand, OpSpec, OperatorView, Shape, ShapeRule } from './spec';

function operand(name: string, role: Operand['role'], channelAxis: number | null = null): Operand {
  return { name, role, optional: false, channelAxis };
}
/** Real values on the data path. */
export const activation = (name = 'input') => operand(name, 'activation');
/** Learned values; `channelAxis` is where they may have one scale per channel. */
export const weight = (name = 'weights', channelAxis: number | null = null) =>
  operand(name, 'weight', channelAxis);
/** Learned values added to the sum. */
export const bias = (name = 'bias') => operand(name, 'bias');
/** Integers or booleans that select. */
export const index = (name = 'indices') => operand(name, 'index');
/** A setting kept in a tensor: shape, axis, size. */
export const parameter = (name: string) => operand(name, 'parameter');
/** A variable tensor that lives from run to run. */
export const state = (name: string) => operand(name, 'state');
/** The same operand, but it may be left out. */
export const optional = (of: Operand): Operand => ({ ...of, optional: true });

/** Versions by activation type, written from version to types: `versions({ 1: ['FLOAT32'], 2: ['INT8'] })`. */
export function versions(byVersion: Readonly<Record<number, readonly TensorType[]>>): OpSpec['versions'] {
  const byType: Partial<Record<TensorType, number>> = {};
  for (const [version, types] of Object.entries(byVersion)) {
    for (const type of types) byType[type] = Number(version);
  }
  return byType;
}

export const floatOnly = { kind: 'float-only' } as const;
export const free = { kind: 'free' } as const;
export const sameScale = { kind: 'same-scale' } as const;
export const indexOnly = { kind: 'index-only' } as const;

/** A hybrid kernel that takes one scale per tensor only. */
export function perTensorHybrid(
  weightInputs: readonly number[],
  versionPerTensor: number,
  versionAsymmetric: number | null = null,
): HybridRule {
  return { weightInputs, perChannel: false, versionPerTensor, versionPerChannel: null, versionAsymmetric };
}

type Required = 'category' | 'inputs' | 'shapes';

/**
 * A row of the table. Left out: one output called `output`, nothing variadic, no multiply-accumulates, float only,
 * no hybrid kernel, FLOAT32 in version 1.
 */
export function define(facts: Pick<OpSpec, Required> & Partial<OpSpec>): OpSpec {
  return {
    variadicInputs: false,
    outputs: ['output'],
    variadicOutputs: false,
    macs: noMacs,
    quantization: floatOnly,
    hybrid: null,
    versions: versions({ 1: ['FLOAT32'] }),
    ...facts,
  };
}

/** For operators without multiply-accumulates. */
export const noMacs: MacsRule = () => 0;

/** Every output unknown: it depends on data, on another subgraph or on foreign code. */
export const unknownShapes: ShapeRule = (view) => view.outputs.map(() => null);

/** Every output has the shape of one input. */
export function sameShape(input = 0): ShapeRule {
  return (view) => view.outputs.map(() => view.inputShapes[input] ?? null);
}

/** The first output from the shape of one input; null when that is missing or `infer` says so. */
export function fromShape(
  input: number,
  infer: (shape: Shape, view: OperatorView) => Shape | null,
): ShapeRule {
  return (view) => {
    const shape = view.inputShapes[input];
    return [shape ? infer(shape, view) : null];
  };
}

/** The first output from the constant values of one input; null when it is not constant. */
export function fromConstant(
  input: number,
  infer: (values: readonly number[], view: OperatorView) => Shape | null,
): ShapeRule {
  return (view) => {
    const values = view.constant(input);
    return [values ? infer(values, view) : null];
  };
}
