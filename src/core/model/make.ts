/** Parts of a model made by hand: by passes, samples and tests. */
import { makeTable } from './schema/tflite';
import type { Model, Operator, Quantization, Subgraph, Tensor } from './types';

/** A tensor with the given fields, every other field absent. */
export function makeTensor(fields: Partial<Tensor>): Tensor {
  return makeTable('Tensor', fields);
}

/** An operator with the given fields; no inputs, outputs or options unless given. */
export function makeOperator(fields: Partial<Operator>): Operator {
  return Object.freeze({
    opcodeIndex: 0,
    builtinOptions: null,
    builtinOptions2: null,
    customOptions: null,
    customOptionsFormat: 'FLEXBUFFERS',
    mutatingVariableInputs: null,
    intermediates: null,
    debugMetadataIndex: -1,
    inputs: new Int32Array(0),
    outputs: new Int32Array(0),
    largeCustomOptions: null,
    ...fields,
  });
}

/** Scales and zero points per tensor (one each) or per channel along `axis`. */
export function makeQuantization(
  scale: readonly number[] | Float32Array,
  zeroPoint: readonly number[],
  axis = 0,
): Quantization {
  return makeTable('QuantizationParameters', {
    scale: Float32Array.from(scale),
    zeroPoint: BigInt64Array.from(zeroPoint, (value) => BigInt(value)),
    quantizedDimension: axis,
  });
}

/** A subgraph with the given fields; empty lists unless given. */
export function makeSubgraph(fields: Partial<Subgraph>): Subgraph {
  return Object.freeze({
    ...makeTable('SubGraph'),
    tensors: [],
    operators: [],
    inputs: new Int32Array(0),
    outputs: new Int32Array(0),
    ...fields,
  });
}

/** A model of format version 3 with the given fields; buffer 0 is the empty one unless buffers are given. */
export function makeModel(fields: Partial<Model>): Model {
  return Object.freeze({
    ...makeTable('Model'),
    version: 3,
    operatorCodes: [],
    subgraphs: [],
    buffers: [{ data: null, outside: false }],
    signatureDefs: null,
    archive: null,
    ...fields,
  });
}
