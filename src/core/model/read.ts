/** The bytes of a `.tflite` file to a `Model`. */
import { ModelError } from '../errors';
import type { Finding } from '../inspect/types';
import { findArchive } from './archive';
import { ByteSource } from './codec/byte-source';
import { decodeRoot } from './codec/decode';
import type { Table } from './schema';
import { tfliteSchema } from './schema/tflite';
import { describeForeign, hasModelIdentifier } from './sniff';
import type { Model, ModelBuffer, Operator, Subgraph } from './types';

export interface ReadResult {
  readonly model: Model;
  /** What was found odd or could not be kept, with its place. */
  readonly warnings: readonly Finding[];
}

/**
 * Reads a model without copying its weights: byte vectors are views on `bytes`, which must not change afterwards.
 * Throws `ModelError`: `not-a-model` with what the bytes are instead, or `broken-model` with the place where an offset
 * or length does not fit. Indexes inside the model are not judged here; that is `checkModel`.
 */
export function readModel(bytes: Uint8Array): ReadResult {
  const foreign = describeForeign(bytes);
  if (foreign !== null) throw new ModelError('not-a-model', foreign, { byteOffset: 0 });
  if (hasModelIdentifier(bytes)) return decode(bytes);
  const result = decodeUnmarked(bytes);
  const warning: Finding = {
    severity: 'warning',
    where: 'root',
    message: 'The file lacks the identifier TFL3 of TensorFlow Lite; it was read all the same.',
  };
  return { ...result, warnings: [warning, ...result.warnings] };
}

/** A file without identifier is a model when it reads as a plausible one. */
function decodeUnmarked(bytes: Uint8Array): ReadResult {
  const message =
    'This is no TensorFlow Lite model, nor any other kind of file known here. Choose a .tflite file.';
  let result: ReadResult;
  try {
    result = decode(bytes);
  } catch (cause) {
    throw new ModelError('not-a-model', message, { byteOffset: 0, cause });
  }
  const { version, subgraphs, buffers } = result.model;
  const isPlausible = version >= 1 && version <= 3 && subgraphs.length > 0 && buffers.length > 0;
  if (!isPlausible) throw new ModelError('not-a-model', message, { byteOffset: 0 });
  return result;
}

function decode(bytes: Uint8Array): ReadResult {
  const source = new ByteSource(bytes);
  const root = decodeRoot(source, tfliteSchema, 'Model') as unknown as Table<'Model'>;
  const model = Object.freeze({
    ...root,
    operatorCodes: root.operatorCodes ?? emptyList,
    subgraphs: mapList(source, 'subgraphs', root.subgraphs, (subgraph) => readSubgraph(source, subgraph)),
    buffers: mapList(source, 'buffers', root.buffers, (buffer) => readBuffer(source, buffer)),
    signatureDefs:
      root.signatureDefs &&
      Object.freeze(
        root.signatureDefs.map((signature) =>
          Object.freeze({
            ...signature,
            inputs: signature.inputs ?? emptyList,
            outputs: signature.outputs ?? emptyList,
          }),
        ),
      ),
    archive: findArchive(bytes, source.extent),
  });
  warnOfTrail(source, model.archive);
  return { model, warnings: source.warnings };
}

/** Writers leave a few bytes that nothing refers to (unused texts, vtables); more than this is worth a word. */
const TRAIL_BYTES = 256;

/** Bytes behind everything that was read are kept only when they are an archive. */
function warnOfTrail(source: ByteSource, archive: Uint8Array | null): void {
  if (archive !== null) return;
  const trail = source.bytes.subarray(source.extent);
  if (trail.length > TRAIL_BYTES && trail.some((byte) => byte !== 0)) {
    source.warn(
      `${trail.length} bytes at the end of the file belong to nothing known here; they would be lost on saving.`,
    );
  }
}

const emptyList: readonly never[] = Object.freeze([]);
const noIndexes = new Int32Array(0);

function readSubgraph(source: ByteSource, subgraph: Table<'SubGraph'>): Subgraph {
  return Object.freeze({
    ...subgraph,
    tensors: subgraph.tensors ?? emptyList,
    inputs: subgraph.inputs ?? noIndexes,
    outputs: subgraph.outputs ?? noIndexes,
    operators: mapList(source, 'operators', subgraph.operators, (operator) => readOperator(source, operator)),
  });
}

function readOperator(source: ByteSource, operator: Table<'Operator'>): Operator {
  // Field by field: what a rest pattern makes is several times slower to read from.
  return Object.freeze({
    opcodeIndex: operator.opcodeIndex,
    builtinOptions: operator.builtinOptions,
    builtinOptions2: operator.builtinOptions2,
    customOptions: operator.customOptions,
    customOptionsFormat: operator.customOptionsFormat,
    mutatingVariableInputs: operator.mutatingVariableInputs,
    intermediates: operator.intermediates,
    debugMetadataIndex: operator.debugMetadataIndex,
    inputs: operator.inputs ?? noIndexes,
    outputs: operator.outputs ?? noIndexes,
    largeCustomOptions: outsideBytes(
      source,
      operator.largeCustomOptionsOffset,
      operator.largeCustomOptionsSize,
    ),
  });
}

function readBuffer(source: ByteSource, { data, offset, size }: Table<'Buffer'>): ModelBuffer {
  const outside = outsideBytes(source, offset, size);
  if (outside === null) return Object.freeze({ data, outside: false });
  if (data !== null && data.length > 0) {
    source.warn('The buffer has bytes both inside and behind the flatbuffer; those inside are used.');
    return Object.freeze({ data, outside: false });
  }
  return Object.freeze({ data: outside, outside: true });
}

/** Bytes behind the flatbuffer. An offset of 0 or 1 means none: 1 is a placeholder that some writers leave. */
function outsideBytes(source: ByteSource, offset: bigint, size: bigint): Uint8Array | null {
  if (offset <= 1n) return null;
  if (offset + size > BigInt(source.bytes.length)) {
    source.fail(
      Number(offset),
      `it names ${size} bytes there, but the file ends at ${source.bytes.length} bytes`,
    );
  }
  const start = Number(offset);
  source.need(start, Number(size), 'the data');
  return source.bytes.subarray(start, start + Number(size));
}

function mapList<T, U>(
  source: ByteSource,
  name: string,
  items: readonly T[] | null,
  map: (item: T) => U,
): readonly U[] {
  if (items === null) return emptyList;
  const mapped = items.map((item, index) => {
    source.path.push(name, index);
    const result = map(item);
    source.path.length -= 2;
    return result;
  });
  return Object.freeze(mapped);
}
