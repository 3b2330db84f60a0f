/** How a tensor is stored and what its numbers mean, in words. */
import { bitsOf, constantBytes, dtypeName, elementCount, hasScaleTensor, scaleInfo } from '../model/tensors';
import type { Model, Tensor } from '../model/types';

/** `dense`, `sparse, CSR over axis 3`, `int4, two per byte`, or where the values are when they are not in the file. */
export function describeEncoding(model: Model, tensor: Tensor): string {
  if (tensor.externalBuffer !== 0) return 'in an external file';
  const bytes = constantBytes(model, tensor);
  if (bytes === null) return tensor.isVariable ? 'variable, kept from run to run' : 'computed at run time';
  const parts = [tensor.sparsity ? describeSparsity(tensor, bytes.length) : 'dense'];
  const bits = bitsOf(tensor.type);
  if (bits !== null && bits < 8)
    parts.push(`${dtypeName(tensor.type)}, ${bits === 4 ? 'two' : 'four'} per byte`);
  if (tensor.type === 'STRING') parts.push('texts behind a table of offsets');
  if (model.buffers[tensor.buffer]?.outside) parts.push('behind the tables of the file');
  return parts.join(', ');
}

function describeSparsity(tensor: Tensor, storedBytes: number): string {
  const { sparsity } = tensor;
  const rank = tensor.shape?.length ?? 0;
  const order = sparsity?.traversalOrder ?? [];
  const compressed: number[] = [];
  const blocks: string[] = [];
  sparsity?.dimMetadata?.forEach((dimension, level) => {
    const axis = order[level] ?? level;
    if (axis >= rank) {
      blocks.push(`${dimension.denseSize} along axis ${sparsity.blockMap?.[axis - rank] ?? '?'}`);
    } else if (dimension.format === 'SPARSE_CSR') compressed.push(axis);
  });
  const bits = bitsOf(tensor.type);
  const stored = bits === null ? null : Math.floor((storedBytes * 8) / bits);
  return [
    compressed.length > 0
      ? `sparse, CSR over ${compressed.length === 1 ? 'axis' : 'axes'} ${compressed.join(' and ')}`
      : 'sparse storage with all axes dense',
    ...(blocks.length > 0 ? [`blocks of ${blocks.join(', ')}`] : []),
    ...(stored === null ? [] : [`${stored} of ${elementCount(tensor)} values stored`]),
  ].join(', ');
}

/** What a stored number q stands for: `0.0039 * (q + 128)`, `scale[c] * q`; null where numbers stand for themselves. */
export function describeFormula(tensor: Tensor): string | null {
  const details = tensor.quantization?.details;
  if (details && hasScaleTensor(tensor) && 'scales' in details.value) {
    const { scales, blockSize } = details.value;
    const block = blockSize > 0 ? `, blocks of ${blockSize}` : '';
    return `scale[block] * q${block}, scales in tensor ${scales}`;
  }
  const info = scaleInfo(tensor);
  if (!info) return null;
  const { scale, zeroPoint } = info;
  if (scale.length > 1) {
    return zeroPoint.every((zero) => zero === 0) ? 'scale[c] * q' : 'scale[c] * (q - zero[c])';
  }
  const factor = Number(scale[0]!.toPrecision(4));
  const zero = zeroPoint[0]!;
  if (zero === 0) return `${factor} * q`;
  return `${factor} * (q ${zero < 0 ? '+' : '-'} ${Math.abs(zero)})`;
}
