/** Models of a single operator, for looking at one row of the table. */
import { makeModel, makeOperator, makeSubgraph, makeTensor } from '../../../src/core/model/edit';
import { makeOperatorCode } from '../../../src/core/model/operators';
import type { Table, TableName } from '../../../src/core/model/schema';
import { makeTable } from '../../../src/core/model/schema/tflite';
import type { Model, ModelBuffer, Operator, Tensor, TensorType } from '../../../src/core/model/types';
import { inferShapes, macsOf, viewOperator } from '../../../src/core/ops';
import type { KnownBuiltin, OperatorView, Shape } from '../../../src/core/ops';
import type { OptionsType } from '../../../src/core/ops/operator-view';

export interface InputSpec {
  readonly shape: Shape;
  /** Constant INT32 values. */
  readonly values?: readonly number[];
  readonly dtype?: TensorType;
}

export interface OperatorSpec {
  readonly kind: KnownBuiltin;
  /** Null: an optional input left out. A plain list of numbers: a constant vector. */
  readonly inputs: readonly (InputSpec | null)[];
  readonly outputs?: readonly Shape[];
  readonly outputDtype?: TensorType;
  readonly options?: Pick<Operator, 'builtinOptions'> | Pick<Operator, 'builtinOptions2'>;
}

/** Options of a table with the given fields. */
export function options<T extends OptionsType & TableName>(
  type: T,
  fields: Partial<Table<T>> = {},
): Pick<Operator, 'builtinOptions'> {
  return { builtinOptions: { type, value: makeTable(type, fields) } as Operator['builtinOptions'] };
}

/** The same for tables of the second union (StableHLO). */
export function options2<T extends OptionsType & TableName>(
  type: T,
  fields: Partial<Table<T>> = {},
): Pick<Operator, 'builtinOptions2'> {
  return { builtinOptions2: { type, value: makeTable(type, fields) } as Operator['builtinOptions2'] };
}

/** A constant INT32 vector. */
export const vector = (...values: number[]): InputSpec => ({ shape: [values.length], values });
/** A constant INT32 scalar. */
export const scalar = (value: number): InputSpec => ({ shape: [], values: [value] });
/** A computed FLOAT32 tensor; -1 sizes become a signature. */
export const data = (...shape: number[]): InputSpec => ({ shape });

export function oneOperator(spec: OperatorSpec): Model {
  const buffers: ModelBuffer[] = [{ data: null, outside: false }];
  const tensors: Tensor[] = [];
  const addTensor = (shape: Shape, type: TensorType, buffer: number): number => {
    tensors.push(
      makeTensor({
        shape: Int32Array.from(shape, (size) => (size < 0 ? 1 : size)),
        shapeSignature: shape.some((size) => size < 0) ? Int32Array.from(shape) : null,
        type,
        buffer,
        name: `t${tensors.length}`,
      }),
    );
    return tensors.length - 1;
  };
  const inputs = spec.inputs.map((input) => {
    if (!input) return -1;
    if (!input.values) return addTensor(input.shape, input.dtype ?? 'FLOAT32', 0);
    const bytes = new Uint8Array(Int32Array.from(input.values).buffer);
    buffers.push({ data: bytes, outside: false });
    return addTensor(input.shape, 'INT32', buffers.length - 1);
  });
  const outputs = (spec.outputs ?? [[]]).map((shape) => addTensor(shape, spec.outputDtype ?? 'FLOAT32', 0));
  const operator = makeOperator({
    inputs: Int32Array.from(inputs),
    outputs: Int32Array.from(outputs),
    ...spec.options,
  });
  return makeModel({
    operatorCodes: [makeOperatorCode(spec.kind)],
    buffers,
    subgraphs: [makeSubgraph({ tensors, operators: [operator] })],
  });
}

export function viewOf(spec: OperatorSpec): OperatorView {
  return viewOperator(oneOperator(spec), 0, 0);
}

/** Inferred shape of the first output. */
export function shapeOfFirst(
  kind: KnownBuiltin,
  inputs: OperatorSpec['inputs'],
  given?: OperatorSpec['options'],
): Shape | null {
  return inferShapes(viewOf({ kind, inputs, ...(given && { options: given }) }))[0] ?? null;
}

/** Multiply-accumulates with the inferred shape as output. */
export function macsOfOne(
  kind: KnownBuiltin,
  inputs: OperatorSpec['inputs'],
  given?: OperatorSpec['options'],
): number {
  const output = shapeOfFirst(kind, inputs, given);
  return macsOf(viewOf({ kind, inputs, outputs: [output ?? []], ...(given && { options: given }) }));
}
