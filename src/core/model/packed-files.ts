/** The files that a model carries at its end (labels, vocabularies). */
import { strFromU8, unzipSync } from 'fflate';
import { ModelError } from '../errors';
import type { Model } from './types';

export interface PackedFile {
  readonly name: string;
  /** Size when unpacked. */
  readonly sizeBytes: number;
}

/** A packed file larger than this is not unpacked: labels and vocabularies are far smaller. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** Names and sizes of the packed files; none without an archive. Throws `ModelError` when the archive is damaged. */
export function listPackedFiles(model: Model): PackedFile[] {
  const files: PackedFile[] = [];
  if (model.archive === null) return files;
  unzip(model.archive, (name, sizeBytes) => {
    files.push({ name, sizeBytes });
    return false;
  });
  return files;
}

/** Content of a packed file, or null when there is none of that name. Throws `ModelError` when it cannot be unpacked. */
export function readPackedFile(model: Model, name: string): Uint8Array | null {
  if (model.archive === null) return null;
  const files = unzip(model.archive, (candidate, sizeBytes) => {
    if (candidate !== name) return false;
    if (sizeBytes > MAX_FILE_BYTES) {
      throw new ModelError(
        'too-large',
        `The packed file ${name} is too large to unpack (${sizeBytes} bytes).`,
        {
          where: 'archive',
        },
      );
    }
    return true;
  });
  return files[name] ?? null;
}

/** The lines of a packed text file without empty ones at the end, or null when there is none of that name. */
export function readPackedLines(model: Model, name: string): string[] | null {
  const bytes = readPackedFile(model, name);
  if (bytes === null) return null;
  const lines = strFromU8(bytes)
    .split('\n')
    .map((line) => line.replace(/\r$/, ''));
  while (lines.at(-1)?.trim() === '') lines.pop();
  return lines;
}

function unzip(
  archive: Uint8Array,
  wanted: (name: string, sizeBytes: number) => boolean,
): Record<string, Uint8Array> {
  try {
    return unzipSync(archive, { filter: ({ name, originalSize }) => wanted(name, originalSize) });
  } catch (cause) {
    if (cause instanceof ModelError) throw cause;
    throw new ModelError(
      'broken-model',
      'The files packed into the model cannot be read: its zip archive is damaged. Get a fresh copy of the file.',
      { where: 'archive', cause },
    );
  }
}
