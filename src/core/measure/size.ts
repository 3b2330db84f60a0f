/** How large a model is: file, zipped file, learned values, operators, dtypes. */
import { gzipSync } from 'fflate';
import { operatorKind } from '../model/operators';
import { bitsOf, constantBytes, dtypeName, isConstant, scaleInfo, valuesOf } from '../model/tensors';
import type { Model, Tensor } from '../model/types';
import { viewSubgraph } from '../ops';
import { countAtLeast } from '../ops/shape-math';
import { constantTensors, elementsOf, isParameter, storedBytes, storedConstants } from './constants';
import { mainMacs } from './cost';
import type { DtypeSize, LayerSize, StaticFigures } from './types';

/** As web servers zip. */
const GZIP_LEVEL = 6;

/**
 * Figures of a model that need no run. `bytes` is its file. The zipping takes about 0.1 s a megabyte:
 * meant for a worker.
 *
 * Parameters are the elements, zeros of sparse tensors included, of the constants that hold learned values: all
 * weights and biases of the operator table, and real-valued constants of more than one element on the data path
 * (`isParameter` in `constants.ts`). A constant behind DEQUANTIZE or DENSIFY counts as what it is for the operator that
 * reads the result. Every stored buffer counts once, in all subgraphs together. Shapes, axes, indexes, state and
 * constants of operators that are never run through (graph outputs) do not count.
 *
 * Non-zero ones differ from 0, or from the zero point where there is a scale. Of values in an external file, which
 * cannot be seen, all count as non-zero.
 *
 * MACs are those of one run of the main subgraph with batch and sizes as in the file, unknown ones as 1.
 *
 * Throws `ModelError` when an operator's code is out of range.
 */
export function staticFigures(model: Model, bytes: Uint8Array): StaticFigures {
  return {
    sizeBytes: bytes.length,
    gzipBytes: gzipSync(bytes, { level: GZIP_LEVEL }).length,
    macs: mainMacs(model),
    ...constantFigures(model),
  };
}

/** The part of `staticFigures` that is about constants; does without the file. */
export function constantFigures(
  model: Model,
): Pick<StaticFigures, 'parameters' | 'nonZeroParameters' | 'layers' | 'dtypes'> {
  const nonZeroParameters = parameterTensors(model).reduce((sum, tensor) => sum + nonZeros(model, tensor), 0);
  return {
    parameters: parameterCount(model),
    nonZeroParameters,
    layers: layerSizes(model),
    dtypes: dtypeSizes(model),
  };
}

/** Learned values of a model, as in `staticFigures`; looks at no values. */
export function parameterCount(model: Model): number {
  return parameterTensors(model).reduce((sum, tensor) => sum + elementsOf(tensor), 0);
}

/** Constants that hold learned values, of what shares a buffer the first. */
function parameterTensors(model: Model): readonly Tensor[] {
  const counted = new Set<string>();
  return model.subgraphs.flatMap((subgraph, subgraphIndex) =>
    storedConstants(model, subgraph, viewSubgraph(model, subgraphIndex))
      .flat()
      .flatMap(({ tensor, role }) => {
        const stored = subgraph.tensors[tensor]!;
        const key = storageOf(stored);
        if (!isParameter(role, stored) || counted.has(key)) return [];
        counted.add(key);
        return [stored];
      }),
  );
}

/** Bytes of each operator's constants; what several share counts at the first. */
function layerSizes(model: Model): readonly LayerSize[] {
  const layers: LayerSize[] = [];
  const weighed = new Set<string>();
  model.subgraphs.forEach((subgraph, subgraphIndex) => {
    const constants = storedConstants(model, subgraph, viewSubgraph(model, subgraphIndex));
    constants.forEach((ofOperator, operatorIndex) => {
      const sizeBytes = constantTensors(subgraph, ofOperator).reduce((sum, tensor) => {
        const stored = subgraph.tensors[tensor]!;
        const key = storageOf(stored);
        if (weighed.has(key)) return sum;
        weighed.add(key);
        return sum + storedBytes(model, stored);
      }, 0);
      const operator = subgraph.operators[operatorIndex]!;
      if (sizeBytes === 0) return;
      layers.push({
        subgraph: subgraphIndex,
        operator: operatorIndex,
        kind: operatorKind(model, operator),
        name: subgraph.tensors[operator.outputs[0] ?? -1]?.name ?? '',
        sizeBytes,
      });
    });
  });
  return layers;
}

/** Constants by dtype, the largest first; a buffer that several tensors share counts once. */
export function dtypeSizes(model: Model): readonly DtypeSize[] {
  const seen = new Set<string>();
  const sizes = new Map<string, { tensors: number; elements: number; sizeBytes: number }>();
  for (const tensor of model.subgraphs.flatMap((subgraph) => subgraph.tensors)) {
    const key = storageOf(tensor);
    if (!isConstant(model, tensor) || seen.has(key)) continue;
    seen.add(key);
    const dtype = dtypeName(tensor.type);
    const size = sizes.get(dtype) ?? { tensors: 0, elements: 0, sizeBytes: 0 };
    size.tensors += 1;
    size.elements += elementsOf(tensor);
    size.sizeBytes += storedBytes(model, tensor);
    sizes.set(dtype, size);
  }
  return [...sizes]
    .map(([dtype, size]) => ({ dtype, ...size }))
    .sort((a, b) => b.sizeBytes - a.sizeBytes || a.dtype.localeCompare(b.dtype));
}

/** Where a constant's values lie: tensors with the same answer share them. */
function storageOf(tensor: Tensor): string {
  return tensor.externalBuffer === 0 ? `buffer ${tensor.buffer}` : `external ${tensor.externalBuffer}`;
}

/** Bits of a value without its sign, for floats that are kept as bits, where -0 is 0 too. */
const magnitudeBits: Readonly<Record<string, number>> = {
  FLOAT16: 0x7fff,
  BFLOAT16: 0x7fff,
  FLOAT8_E4M3FN: 0x7f,
  FLOAT8_E5M2: 0x7f,
};

/** Stored values that are not zero (for quantized tensors: not the zero point of their channel). */
export function nonZeros(model: Model, tensor: Tensor): number {
  const bytes = constantBytes(model, tensor);
  const bits = bitsOf(tensor.type);
  const elements = elementsOf(tensor);
  if (bytes === null || bits === null) return elements;
  const capacity = Math.floor((bytes.length * 8) / bits);
  const values = valuesOf(
    tensor.type,
    bytes,
    tensor.sparsity === null ? Math.min(elements, capacity) : capacity,
  );
  const mask = magnitudeBits[tensor.type];
  let found = 0;
  if (mask !== undefined) {
    for (const value of values as Uint16Array) if ((value & mask) !== 0) found++;
    return found;
  }
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
    for (const value of values) if (value !== 0n) found++;
    return found;
  }
  const zeroOf = zeroPoints(tensor);
  for (let i = 0; i < values.length; i++) if (values[i] !== zeroOf(i)) found++;
  return Math.min(found, elements);
}

/** The stored value that means zero, by place. Sparse storage is symmetric: what is left out is 0. */
function zeroPoints(tensor: Tensor): (place: number) => number {
  const scales = scaleInfo(tensor);
  const zeros = scales?.zeroPoint ?? [];
  const first = zeros[0] ?? 0;
  if (tensor.sparsity !== null || zeros.every((zero) => zero === first)) return () => first;
  const shape = tensor.shape ?? [];
  const inner = countAtLeast(Array.from(shape.slice((scales?.axis ?? 0) + 1)));
  return (place) => zeros[Math.floor(place / inner) % zeros.length]!;
}
