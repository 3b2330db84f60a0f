/** Faults of tensors: shape, bytes, quantization, sparsity. */
import { ModelError } from '../../errors';
import { plural } from '../../format';
import { countStored } from '../sparse';
import { bitsOf, byteLength, constantBytes, dtypeName, elementCount, shapeOf } from '../tensors';
import type { Model, Quantization, Subgraph, Tensor } from '../types';
import type { Findings } from './findings';

/** A terabyte: no tensor of a sound model is larger. */
const MAX_TENSOR_BYTES = 2 ** 40;
const MAX_RANK = 64;

/** Checks one tensor of a subgraph. */
export function checkTensor(
  model: Model,
  subgraph: Subgraph,
  tensor: Tensor,
  where: string,
  findings: Findings,
): void {
  // Buffer 0 means no data, also where a model has no buffers at all.
  const hasBuffer =
    tensor.buffer === 0 || findings.index(tensor.buffer, model.buffers.length, `${where}.buffer`, 'buffer');
  checkExternalBuffer(model, tensor, where, findings);
  if (!checkShape(tensor, where, findings)) return;
  if (tensor.quantization)
    checkQuantization(subgraph, tensor, tensor.quantization, `${where}.quantization`, findings);
  if (hasBuffer) checkBytes(model, tensor, where, findings);
}

function checkShape(tensor: Tensor, where: string, findings: Findings): boolean {
  const rank = tensor.shape?.length ?? 0;
  if (rank > MAX_RANK) {
    findings.error(`${where}.shape`, `It has ${rank} dimensions, more than ${MAX_RANK}.`);
    return false;
  }
  const shape = shapeOf(tensor);
  const negative = shape.findIndex((size) => size < -1);
  if (negative >= 0) {
    findings.error(`${where}.shape[${negative}]`, `The size ${shape[negative]!} is negative.`);
    return false;
  }
  const known = shape.filter((size) => size > 0).reduce((product, size) => product * size, 1);
  const size = byteLength(tensor.type, known) ?? known;
  if (size > MAX_TENSOR_BYTES) {
    findings.error(
      `${where}.shape`,
      `A tensor of shape [${shape.join(', ')}] would take ${(size / 1e12).toPrecision(3)} TB.`,
    );
    return false;
  }
  const signature = tensor.shapeSignature;
  if (signature && signature.length > 0 && signature.length !== rank) {
    findings.warn(
      `${where}.shapeSignature`,
      `It has ${plural(signature.length, 'dimension')}, but the shape has ${rank}.`,
    );
  }
  return true;
}

function checkBytes(model: Model, tensor: Tensor, where: string, findings: Findings): void {
  const bytes = constantBytes(model, tensor);
  const bits = bitsOf(tensor.type);
  if (bytes === null || bits === null) return;
  if (tensor.isVariable) {
    findings.warn(where, 'It is a variable and has constant data at the same time.');
  }
  let count = elementCount(tensor);
  if (count < 0) {
    findings.error(`${where}.shape`, 'A constant has a size that is not known.');
    return;
  }
  if (tensor.sparsity) {
    try {
      count = countStored(tensor.sparsity, shapeOf(tensor), `${where}.sparsity`);
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      findings.error(`${where}.sparsity`, error.message);
      return;
    }
  }
  const needed = byteLength(tensor.type, count)!;
  if (bytes.length < needed) {
    findings.error(
      `${where}.buffer`,
      `${count} values of ${dtypeName(tensor.type)} need ${needed} bytes, but buffer ${tensor.buffer} has ${bytes.length}.`,
    );
  } else if (bytes.length > needed) {
    findings.warn(
      `${where}.buffer`,
      `${count} values of ${dtypeName(tensor.type)} need ${needed} bytes; buffer ${tensor.buffer} has ${bytes.length}, and the rest is not used.`,
    );
  }
}

function checkQuantization(
  subgraph: Subgraph,
  tensor: Tensor,
  quantization: Quantization,
  where: string,
  findings: Findings,
): void {
  const { details } = quantization;
  if (details?.type === 'BlockwiseQuantization' || details?.type === 'MultiAxisQuantization') {
    const { scales, zeroPoints, blockSize } = details.value;
    const count = subgraph.tensors.length;
    findings.index(scales, count, `${where}.details.scales`, 'tensor');
    findings.index(zeroPoints, count, `${where}.details.zeroPoints`, 'tensor', -1);
    if (blockSize < 0)
      findings.error(`${where}.details.blockSize`, `The block size ${blockSize} is negative.`);
    const axes = details.type === 'MultiAxisQuantization' ? details.value.quantizedDimensions : null;
    axes?.forEach((axis, i) =>
      findings.index(
        axis,
        tensor.shape?.length ?? 0,
        `${where}.details.quantizedDimensions[${i}]`,
        'dimension',
      ),
    );
    const width = tensor.shape?.at(-1) ?? 0;
    if (axes === null && blockSize > 0 && width > 0 && width % blockSize !== 0) {
      findings.error(
        `${where}.details.blockSize`,
        `Blocks of ${blockSize} do not divide the last size, ${width}.`,
      );
    }
    return;
  }
  const scale = quantization.scale;
  if (!scale || scale.length === 0) return;
  const zeroPoints = quantization.zeroPoint?.length ?? 0;
  if (zeroPoints !== scale.length) {
    findings.error(
      `${where}.zeroPoint`,
      `There ${zeroPoints === 1 ? 'is' : 'are'} ${plural(zeroPoints, 'zero point')} for ${plural(scale.length, 'scale')}.`,
    );
  }
  const rank = tensor.shape?.length ?? 0;
  const axis = quantization.quantizedDimension;
  if (rank > 0 && !findings.index(axis, rank, `${where}.quantizedDimension`, 'dimension')) return;
  const size = tensor.shape?.[axis] ?? 1;
  if (scale.length > 1 && size >= 0 && size !== scale.length) {
    findings.error(
      `${where}.scale`,
      `There are ${scale.length} scales, but axis ${axis} has ${plural(size, 'channel')}.`,
    );
  }
  const bad = scale.findIndex((value) => !(value > 0 && value < Infinity));
  if (bad >= 0) findings.warn(`${where}.scale[${bad}]`, `The scale ${scale[bad]!} is not a positive number.`);
}

function checkExternalBuffer(model: Model, tensor: Tensor, where: string, findings: Findings): void {
  const id = tensor.externalBuffer;
  if (id === 0) return;
  if (!model.externalBuffers?.some((buffer) => buffer.id === id)) {
    findings.error(`${where}.externalBuffer`, `External buffer ${id} does not exist.`);
  } else {
    findings.warn(`${where}.externalBuffer`, 'Its values lie in another file and are not shown.');
  }
}
