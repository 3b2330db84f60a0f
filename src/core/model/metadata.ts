/** What a model says about itself: TFLite metadata and the files packed with it. */
import { ModelError } from '../errors';
import type { Finding } from '../inspect/types';
import { ByteSource } from './codec/byte-source';
import { decodeRoot } from './codec/decode';
import { listPackedFiles, readPackedLines, type PackedFile } from './packed-files';
import { metadataSchema, type MetadataTable } from './schema/metadata';
import type { Model } from './types';

export interface Normalization {
  /** One value, or one per channel: input = (x - mean) / std. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** What the metadata says about one input or output. */
export interface TensorFacts {
  readonly name: string | null;
  readonly description: string | null;
  /** `image`, `audio`, `bounding boxes`, `features`; null when it does not say. */
  readonly content: string | null;
  readonly normalization: Normalization | null;
  /** Least and greatest values, one or one per channel. */
  readonly min: readonly number[] | null;
  readonly max: readonly number[] | null;
  /** Packed files that belong to it. */
  readonly files: readonly string[];
}

export interface ModelFacts {
  readonly name: string | null;
  readonly description: string | null;
  readonly author: string | null;
  readonly license: string | null;
  readonly version: string | null;
  /** Oldest runtime that has all operator versions of the model, e.g. `1.14.0`. */
  readonly minRuntimeVersion: string | null;
  /** In the order of the main subgraph's inputs and outputs; empty without metadata. */
  readonly inputs: readonly TensorFacts[];
  readonly outputs: readonly TensorFacts[];
  readonly packedFiles: readonly PackedFile[];
  /** Names of the classes from the packed label file, or null when there is none. */
  readonly classNames: readonly string[] | null;
  /** Metadata that could not be read. */
  readonly findings: readonly Finding[];
}

const METADATA_NAME = 'TFLITE_METADATA';
const RUNTIME_VERSION_NAME = 'min_runtime_version';

/** Reads metadata and packed files. Damaged metadata becomes a finding, never an error: the model can be used without. */
export function readMetadata(model: Model): ModelFacts {
  const findings: Finding[] = [];
  const root = attempt(findings, 'metadata', () => decodeMetadata(model, findings), null);
  const packedFiles = attempt(findings, 'archive', () => listPackedFiles(model), []);
  const main = root?.subgraphMetadata?.[0] ?? null;
  const labels = labelFileOf(root, packedFiles);
  return {
    name: textOf(root?.name ?? null),
    description: textOf(root?.description ?? null),
    author: textOf(root?.author ?? null),
    license: textOf(root?.license ?? null),
    version: textOf(root?.version ?? null),
    minRuntimeVersion: textOf(metadataText(model, RUNTIME_VERSION_NAME)),
    inputs: (main?.inputTensorMetadata ?? []).map(tensorFacts),
    outputs: (main?.outputTensorMetadata ?? []).map(tensorFacts),
    packedFiles,
    classNames:
      labels === null ? null : attempt(findings, 'archive', () => readPackedLines(model, labels), null),
    findings,
  };
}

/** Bytes of a metadata entry by name, or null. */
export function metadataBytes(model: Model, name: string): Uint8Array | null {
  const entry = model.metadata?.find((candidate) => candidate.name === name);
  return (entry && model.buffers[entry.buffer]?.data) ?? null;
}

function metadataText(model: Model, name: string): string | null {
  const bytes = metadataBytes(model, name);
  // Writers pad the text with zero bytes.
  return bytes && new TextDecoder().decode(bytes).replace(/\0.*$/s, '');
}

function decodeMetadata(model: Model, findings: Finding[]): MetadataTable<'ModelMetadata'> | null {
  const bytes = metadataBytes(model, METADATA_NAME);
  if (bytes === null || bytes.length === 0) return null;
  const source = new ByteSource(bytes);
  const root = decodeRoot(source, metadataSchema, 'ModelMetadata');
  findings.push(...source.warnings.map((item) => ({ ...item, where: `metadata: ${item.where}` })));
  return root as unknown as MetadataTable<'ModelMetadata'>;
}

function tensorFacts(tensor: MetadataTable<'TensorMetadata'>): TensorFacts {
  const options = tensor.processUnits
    ?.map((unit) => unit.options)
    .find((item) => item?.type === 'NormalizationOptions');
  const normalization = options?.type === 'NormalizationOptions' ? options.value : null;
  return {
    name: textOf(tensor.name),
    description: textOf(tensor.description),
    content: contentName(tensor.content?.contentProperties?.type),
    normalization:
      normalization?.mean && normalization.std
        ? { mean: Array.from(normalization.mean), std: Array.from(normalization.std) }
        : null,
    min: tensor.stats?.min ? Array.from(tensor.stats.min) : null,
    max: tensor.stats?.max ? Array.from(tensor.stats.max) : null,
    files: (tensor.associatedFiles ?? []).flatMap((file) => file.name ?? []),
  };
}

function contentName(type: string | undefined): string | null {
  switch (type) {
    case 'ImageProperties':
      return 'image';
    case 'AudioProperties':
      return 'audio';
    case 'BoundingBoxProperties':
      return 'bounding boxes';
    case 'FeatureProperties':
      return 'features';
    default:
      return null;
  }
}

/**
 * The packed file with the class names: one that the metadata calls labels of an output, of the graph or of the model,
 * else one whose name says so.
 */
function labelFileOf(
  root: MetadataTable<'ModelMetadata'> | null,
  packed: readonly PackedFile[],
): string | null {
  const main = root?.subgraphMetadata?.[0];
  const files = [
    ...(main?.outputTensorMetadata ?? []).flatMap((tensor) => tensor.associatedFiles ?? []),
    ...(main?.associatedFiles ?? []),
    ...(root?.associatedFiles ?? []),
  ];
  const isPacked = (name: string | null): name is string => packed.some((file) => file.name === name);
  for (const type of ['TENSOR_AXIS_LABELS', 'TENSOR_VALUE_LABELS']) {
    const named = files.find((file) => file.type === type && isPacked(file.name))?.name;
    if (named != null) return named;
  }
  return packed.find(({ name }) => /(label|class)[^/]*\.(txt|names)$/i.test(name))?.name ?? null;
}

/** Runs `read`; a `ModelError` becomes a finding and gives `otherwise`. */
function attempt<T>(findings: Finding[], where: string, read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    findings.push({ severity: 'warning', where, message: error.message });
    return otherwise;
  }
}

function textOf(text: string | null): string | null {
  return text === null || text.trim() === '' ? null : text;
}
