/** Short texts for cards and edges. */
import { formatShape } from '../format';
import { dynamicShapeOf, hasShape } from '../model/tensors';
import type { Model, Tensor } from '../model/types';

const SHORT: Readonly<Record<string, string>> = {
  FLOAT16: 'f16',
  FLOAT32: 'f32',
  FLOAT64: 'f64',
  BFLOAT16: 'bf16',
};

/** Sizes that a shape shows; of a longer one the first, and how many there are. */
const MAX_SIZES = 8;

/** `1×64×64×8`, `scalar`; unknown sizes are `?`, and a shape that the file does not give is `unknown shape`. */
export function shapeText(model: Model, tensor: Tensor): string {
  if (!hasShape(model, tensor)) return 'unknown shape';
  const sizes = dynamicShapeOf(tensor);
  const text = formatShape(sizes.slice(0, MAX_SIZES)).replaceAll(' ', '');
  return sizes.length <= MAX_SIZES ? text : `${text}×… (${sizes.length} sizes)`;
}

/** `f32`, `int8`. */
export function dtypeText(type: string): string {
  return SHORT[type] ?? type.toLowerCase();
}

/** Shape and dtype of an edge, `1×64×64×8 int8`. */
export function edgeText(model: Model, tensor: Tensor): string {
  return `${shapeText(model, tensor)} ${dtypeText(tensor.type)}`;
}

/** dtype of a constant and how it is stored: `int8·ch`, `int4·block`, `float32·sparse`. */
export function constantDtype(tensor: Tensor): string {
  let text = tensor.type.toLowerCase();
  if (tensor.quantization?.details?.type === 'BlockwiseQuantization') text += '·block';
  // A bias always has the scales of its filter; saying so again is noise.
  else if (
    (tensor.quantization?.scale?.length ?? 0) > 1 &&
    tensor.type !== 'INT32' &&
    tensor.type !== 'INT64'
  )
    text += '·ch';
  if (tensor.sparsity) text += '·sparse';
  return text;
}
