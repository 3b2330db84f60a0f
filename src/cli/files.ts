/** Files for the commands. Every failure is a sentence, not a stack. */
import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readDataset } from '../core/data/dataset';
import type { NamedBytes } from '../core/data/dataset';
import { parseScaleRule } from '../core/data/scale';
import type { Dataset, ScaleRule } from '../core/data/types';
import { ModelError } from '../core/errors';
import type { ErrorCode } from '../core/errors';
import { openModel, type OpenedModel } from '../core/model/open';
import { subgraphAt } from '../core/model/tensors';
import type { Model } from '../core/model/types';
import { UsageError } from './command';
import type { CommandInput } from './command';

/** Files in a data folder that are read; everything else (images, read-me files) stays on the disk. */
const dataFile = /\.(npy|npz|csv)$|^(labels|classes)\.txt$/i;

/** Reads a file. Throws `ModelError` with `code` when that is not possible. */
export async function readBytes(path: string, code: ErrorCode, what: string): Promise<Uint8Array> {
  try {
    const bytes = await readFile(path);
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  } catch (error) {
    throw new ModelError(code, `${what} "${path}" cannot be read: ${reason(error)}.`, { cause: error });
  }
}

export interface ModelFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Reads a model file. Throws `ModelError` `not-a-model` when there is no such file. */
export async function readModelFile(path: string): Promise<ModelFile> {
  return { name: basename(path), bytes: await readBytes(path, 'not-a-model', 'The model') };
}

/**
 * Reads and checks one of several models.
 * @throws ModelError with the name of the file
 */
export async function openModelFile(path: string): Promise<ModelFile & OpenedModel> {
  const file = await readModelFile(path);
  try {
    return { ...file, ...openModel(file.bytes) };
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    const { code, message, where, byteOffset } = error;
    throw new ModelError(code, `${file.name}: ${message}`, { where, byteOffset, cause: error });
  }
}

/** The place of a tensor by its index, or by its name. Throws `ModelError` when the subgraph has no such tensor. */
export function tensorIndex(model: Model, subgraph: number, wanted: string): number {
  const { tensors } = subgraphAt(model, subgraph);
  const named = tensors.findIndex(({ name }) => name === wanted);
  if (named !== -1) return named;
  if (/^\d{1,9}$/.test(wanted) && Number(wanted) < tensors.length) return Number(wanted);
  throw new ModelError(
    'bad-data',
    `Subgraph ${subgraph} has no tensor "${wanted}"; give a name that "inspect" lists, or an index from 0 to ${tensors.length - 1}.`,
  );
}

/**
 * Reads a dataset: a folder, an `.npz`, or one `.npy`.
 * @throws ModelError `bad-data`
 */
export async function readDataPath(path: string): Promise<Dataset> {
  const files: NamedBytes[] = [];
  let isFolder: boolean;
  try {
    isFolder = (await stat(path)).isDirectory();
  } catch (error) {
    throw new ModelError('bad-data', `The data "${path}" cannot be read: ${reason(error)}.`, {
      cause: error,
    });
  }
  const names = isFolder ? (await readdir(path)).filter((name) => dataFile.test(name)).sort() : [''];
  for (const name of names) {
    const file = isFolder ? join(path, name) : path;
    files.push({ name: basename(file), bytes: await readBytes(file, 'bad-data', 'The data file') });
  }
  return readDataset(basename(path), files);
}

/** The `--scale` option. Throws `UsageError` when it is no rule. */
export function scaleOption(input: CommandInput): ScaleRule {
  try {
    return parseScaleRule(input.text('scale') ?? 'none');
  } catch (error) {
    if (error instanceof ModelError) throw new UsageError(error.message);
    throw error;
  }
}

/** Writes a file and the folders it lies in. Throws `ModelError` `bad-data` when that is not possible. */
export async function writeBytes(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await makeFolder(dirname(path));
    await writeFile(path, bytes);
  } catch (error) {
    throw new ModelError('bad-data', `"${path}" cannot be written: ${reason(error)}.`, { cause: error });
  }
}

/** True when both paths lead to the same file, by whatever name or link. */
export async function isSameFile(a: string, b: string): Promise<boolean> {
  const [one, other] = await Promise.all([a, b].map((path) => stat(path).catch(() => null)));
  return !!one && !!other && one.ino === other.ino && one.dev === other.dev;
}

/** Makes a folder and those above it. Node's own way never comes back where the system takes no folders (`/proc`). */
async function makeFolder(path: string): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (found) return;
  if (dirname(path) !== path) await makeFolder(dirname(path));
  await mkdir(path).catch((error: unknown) => {
    if (errorCode(error) !== 'EEXIST') throw error;
  });
}

function errorCode(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}

function reason(error: unknown): string {
  const known: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file or folder',
    EISDIR: 'it is a folder, not a file',
    ENOTDIR: 'a part of the path is not a folder',
    EEXIST: 'a file is in the way',
    EACCES: 'access is denied',
    EPERM: 'access is denied',
    EROFS: 'the disk is read-only',
    ENOSPC: 'the disk is full',
    ERR_FS_FILE_TOO_LARGE: 'it is larger than 2 GB',
  };
  return known[errorCode(error)] ?? (error instanceof Error ? error.message : String(error));
}
