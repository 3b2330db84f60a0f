/** Small models written out in full for the tests of the picture. */
import { makeOperatorCode } from '../../../src/core/model/operators';
import { makeTable } from '../../../src/core/model/schema/tflite';
import type { BuiltinOperator, Model, Operator, Tensor } from '../../../src/core/model/types';

export interface OperatorSketch {
  readonly kind: BuiltinOperator;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly options?: Operator['builtinOptions'];
  readonly custom?: string;
}

export interface TensorSketch {
  readonly name?: string;
  readonly type?: Tensor['type'];
  readonly shape?: readonly number[];
  /** Bytes of a constant. */
  readonly bytes?: number;
  readonly scales?: number;
  readonly isVariable?: boolean;
}

/** A model of one subgraph. */
export function sketchModel(sketch: {
  readonly tensors: readonly TensorSketch[];
  readonly operators: readonly OperatorSketch[];
  readonly inputs?: readonly number[];
  readonly outputs?: readonly number[];
}): Model {
  const buffers: Model['buffers'][number][] = [{ data: null, outside: false }];
  const tensors = sketch.tensors.map((tensor, t) => {
    let buffer = 0;
    if (tensor.bytes !== undefined)
      buffer = buffers.push({ data: new Uint8Array(tensor.bytes), outside: false }) - 1;
    return makeTable('Tensor', {
      name: tensor.name ?? `t${t}`,
      type: tensor.type ?? 'FLOAT32',
      shape: Int32Array.from(tensor.shape ?? [1, 4]),
      buffer,
      isVariable: tensor.isVariable ?? false,
      quantization:
        tensor.scales === undefined
          ? null
          : makeTable('QuantizationParameters', { scale: new Float32Array(tensor.scales).fill(0.5) }),
    });
  });
  return {
    ...makeTable('Model', { version: 3 }),
    operatorCodes: sketch.operators.map(({ kind, custom }) => makeOperatorCode(kind, 1, custom ?? null)),
    subgraphs: [
      {
        ...makeTable('SubGraph', {}),
        tensors,
        inputs: Int32Array.from(sketch.inputs ?? []),
        outputs: Int32Array.from(sketch.outputs ?? []),
        operators: sketch.operators.map(({ inputs, outputs, options }, i) => ({
          ...makeTable('Operator', { opcodeIndex: i, builtinOptions: options ?? null }),
          inputs: Int32Array.from(inputs),
          outputs: Int32Array.from(outputs),
          largeCustomOptions: null,
        })),
      },
    ],
    buffers,
    signatureDefs: null,
    archive: null,
  };
}
