/** Files that the page hands over, as bytes. */
import { readDataset } from '../src/core/data/dataset';
import { parseScaleRule } from '../src/core/data/scale';
import type { Dataset, ScaleRule } from '../src/core/data/types';
import type { DataFile, DataSource } from './protocol';

/** Bytes of files, read side by side. */
export async function readBlobs(files: readonly DataFile[]) {
  const buffers = await Promise.all(files.map(({ file }) => file.arrayBuffer()));
  return files.map(({ name }, i) => ({ name, bytes: new Uint8Array(buffers[i]!) }));
}

/**
 * The samples of a dataset and how they are scaled.
 * @throws ModelError `bad-data` when the files hold no samples
 */
export async function readDataFiles(
  source: Extract<DataSource, { readonly kind: 'files' }>,
): Promise<{ readonly dataset: Dataset; readonly scale: ScaleRule }> {
  const dataset = readDataset(source.name, await readBlobs(source.files));
  return { dataset, scale: parseScaleRule(source.scale) };
}
