/** A `Model` to the bytes of a `.tflite` file. */
import { placeArchive } from './archive';
import { encodeRoot, OutsideBytes } from './codec/encode';
import { tfliteSchema } from './schema/tflite';
import type { Model, ModelBuffer, Operator } from './types';

/**
 * Writes a model: identifier `TFL3`, buffer data aligned to 16 bytes, views on the same bytes stored once, bytes marked
 * as outside behind the flatbuffer, the archive at the end. What is null stays absent. `readModel` of the result equals
 * the model. Throws `ModelError` (`too-large`) when the flatbuffer would pass 2 GB.
 */
export function writeModel(model: Model): Uint8Array<ArrayBuffer> {
  const { archive, ...rest } = model;
  const tables = {
    ...rest,
    buffers: model.buffers.map(bufferTable),
    subgraphs: model.subgraphs.map((subgraph) => ({
      ...subgraph,
      operators: subgraph.operators.map(operatorTable),
    })),
  };
  return encodeRoot(tfliteSchema, 'Model', tables, 'TFL3', (fileOffset) =>
    archive === null ? null : placeArchive(archive, fileOffset),
  );
}

function bufferTable({ data, outside }: ModelBuffer): object {
  if (!outside || data === null) return { data, offset: 0n, size: 0n };
  return { data: null, offset: new OutsideBytes(data), size: BigInt(data.length) };
}

function operatorTable(operator: Operator): object {
  const { largeCustomOptions, ...rest } = operator;
  if (largeCustomOptions === null) return rest;
  return {
    ...rest,
    largeCustomOptionsOffset: new OutsideBytes(largeCustomOptions),
    largeCustomOptionsSize: BigInt(largeCustomOptions.length),
  };
}
