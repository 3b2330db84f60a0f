/** Tells models apart by what they hold. */
import type { Model } from '../../model/types';

/** Bytes of a buffer that are looked at; of larger ones an even selection. */
const LOOKED_AT = 4096;

/**
 * A short word that is equal for equal models: same tensors, operators and (by an even selection of their bytes)
 * constants. Not meant against intent.
 */
export function fingerprint(model: Model): string {
  let low = 0x811c9dc5;
  let high = 0x9747b28c;
  const add = (value: number) => {
    low = Math.imul(low ^ value, 0x01000193);
    high = Math.imul(high ^ (value + 0x9e37), 0x85ebca6b);
    high ^= high >>> 13;
  };
  for (const { tensors, operators, inputs, outputs } of model.subgraphs) {
    for (const { shape, type, buffer, name } of tensors) {
      for (const size of shape ?? []) add(size);
      add(buffer);
      for (const text of [type, name ?? '']) for (let i = 0; i < text.length; i++) add(text.charCodeAt(i));
    }
    for (const operator of operators) {
      add(operator.opcodeIndex);
      for (const list of [operator.inputs, operator.outputs]) for (const tensor of list) add(tensor);
    }
    for (const list of [inputs, outputs]) for (const tensor of list) add(tensor);
  }
  for (const { data } of model.buffers) {
    const length = data?.length ?? -1;
    add(length);
    const step = Math.max(1, Math.floor(length / LOOKED_AT));
    for (let i = 0; i < length; i += step) add(data![i]!);
  }
  return `${(low >>> 0).toString(36)}-${(high >>> 0).toString(36)}`;
}
