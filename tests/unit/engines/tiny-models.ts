/** Models of one or two operators, made here so that these tests need no files. */
import { makeOperatorCode } from '../../../src/core/model/operators';
import { makeTable } from '../../../src/core/model/schema/tflite';
import type {
  BuiltinOperator,
  BuiltinOptions,
  Model,
  ModelBuffer,
  Operator,
  SignatureDef,
  Tensor,
  TensorType,
} from '../../../src/core/model/types';
import { writeModel } from '../../../src/core/model/write';

export interface TinyTensor {
  readonly name: string;
  readonly type?: TensorType;
  readonly shape: readonly number[];
  readonly signature?: readonly number[];
  readonly data?: Uint8Array;
  readonly scale?: number;
  readonly variable?: boolean;
}

export interface TinyOperator {
  readonly kind: BuiltinOperator;
  readonly custom?: string;
  readonly version?: number;
  readonly options?: BuiltinOptions;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

export interface TinyModel {
  readonly tensors: readonly TinyTensor[];
  readonly operators: readonly TinyOperator[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly signatures?: readonly SignatureDef[];
}

/** A model of one subgraph from the barest description. */
export function tinyModel({ tensors, operators, inputs, outputs, signatures }: TinyModel): Model {
  const buffers: ModelBuffer[] = [{ data: null, outside: false }];
  const tables: Tensor[] = tensors.map(({ name, type, shape, signature, data, scale, variable }) => {
    if (data) buffers.push({ data, outside: false });
    return makeTable('Tensor', {
      name,
      type: type ?? 'FLOAT32',
      shape: Int32Array.from(shape),
      shapeSignature: signature ? Int32Array.from(signature) : null,
      buffer: data ? buffers.length - 1 : 0,
      isVariable: variable ?? false,
      quantization:
        scale === undefined
          ? null
          : makeTable('QuantizationParameters', {
              scale: Float32Array.of(scale),
              zeroPoint: BigInt64Array.of(0n),
            }),
    });
  });
  const list = operators.map(({ inputs, outputs, options }, opcodeIndex): Operator => ({
    ...makeTable('Operator'),
    opcodeIndex,
    inputs: Int32Array.from(inputs),
    outputs: Int32Array.from(outputs),
    builtinOptions: options ?? null,
    largeCustomOptions: null,
  }));
  return {
    ...makeTable('Model', { version: 3 }),
    operatorCodes: operators.map(({ kind, version, custom }) =>
      makeOperatorCode(kind, version ?? 1, custom ?? null),
    ),
    buffers,
    signatureDefs: signatures ?? null,
    archive: null,
    subgraphs: [
      {
        ...makeTable('SubGraph'),
        tensors: tables,
        inputs: Int32Array.from(inputs),
        outputs: Int32Array.from(outputs),
        operators: list,
      },
    ],
  };
}

/** `b = a` in another shape: [2, 3] becomes [3, 2], whatever the type. */
export function reshapeModel(type: TensorType): Uint8Array {
  return writeModel(
    tinyModel({
      tensors: [
        { name: 'a', type, shape: [2, 3] },
        { name: 'size', type: 'INT32', shape: [2], data: bytesOf(Int32Array.of(3, 2)) },
        { name: 'b', type, shape: [3, 2] },
      ],
      operators: [{ kind: 'RESHAPE', inputs: [0, 1], outputs: [2] }],
      inputs: [0],
      outputs: [2],
    }),
  );
}

/** `sum = x + y`, then `twice = sum + sum`; the first size is dynamic. */
export function addTwice(signatures?: readonly SignatureDef[]): Model {
  const shape = { shape: [1, 4], signature: [-1, 4] };
  return tinyModel({
    tensors: [
      { name: 'x', ...shape },
      { name: 'y', ...shape },
      { name: 'sum', ...shape },
      { name: 'twice', ...shape },
    ],
    operators: [
      { kind: 'ADD', inputs: [0, 1], outputs: [2] },
      { kind: 'ADD', inputs: [2, 2], outputs: [3] },
    ],
    inputs: [0, 1],
    outputs: [3],
    ...(signatures ? { signatures } : {}),
  });
}

/** One operator from `in` to `out`, both float32 [1, 4]. */
export function oneOperator(operator: Omit<TinyOperator, 'inputs' | 'outputs'>): Model {
  return tinyModel({
    tensors: [
      { name: 'in', shape: [1, 4] },
      { name: 'out', shape: [1, 4] },
    ],
    operators: [{ ...operator, inputs: [0], outputs: [1] }],
    inputs: [0],
    outputs: [1],
  });
}

/** Indexes of the values that are not zero: the size of the output depends on the values. */
export function whereModel(): Uint8Array {
  return writeModel(
    tinyModel({
      tensors: [
        { name: 'condition', type: 'BOOL', shape: [4] },
        { name: 'indexes', type: 'INT64', shape: [4, 1] },
      ],
      operators: [{ kind: 'WHERE', inputs: [0], outputs: [1] }],
      inputs: [0],
      outputs: [1],
    }),
  );
}

/** `sum = x + y` in int8: scales 0.5, 0.5 and 1. */
export function int8AddModel(): Uint8Array {
  return writeModel(
    tinyModel({
      tensors: [
        { name: 'x', type: 'INT8', shape: [1, 4], scale: 0.5 },
        { name: 'y', type: 'INT8', shape: [1, 4], scale: 0.5 },
        { name: 'sum', type: 'INT8', shape: [1, 4], scale: 1 },
      ],
      operators: [{ kind: 'ADD', version: 2, inputs: [0, 1], outputs: [2] }],
      inputs: [0, 1],
      outputs: [2],
    }),
  );
}

export function bytesOf(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
