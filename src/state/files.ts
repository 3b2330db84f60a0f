/** Files that were dropped, pasted or chosen: found in folders, and sorted by what they are. */
import type { DataFile } from '../../workers/protocol';

/** A file with the folders that it came in, `digits/inputs.npy`. */
export interface FoundFile {
  readonly path: string;
  readonly file: File;
}

export interface DataGroup {
  readonly name: string;
  readonly files: readonly DataFile[];
}

export interface SortedFiles {
  readonly models: readonly FoundFile[];
  readonly data: readonly DataGroup[];
  readonly recipes: readonly FoundFile[];
}

/** A dropped folder may hold anything; more files than this are a mistake. */
const maxFiles = 5000;

/** Files as they came from a picker or the clipboard. */
export function foundFiles(files: readonly File[]): FoundFile[] {
  return files.map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}

/** All files of a drop, those in folders too. Must be called while the drop event is being handled. */
export async function filesOfDrop(transfer: DataTransfer): Promise<FoundFile[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry());
  const plain = [...transfer.files];
  const found: FoundFile[] = [];
  if (entries.some((entry) => entry?.isDirectory)) {
    for (const entry of entries) if (entry) await walk(entry, found);
    return found;
  }
  return foundFiles(plain);
}

async function walk(entry: FileSystemEntry, found: FoundFile[]): Promise<void> {
  if (found.length >= maxFiles || entry.name.startsWith('.')) return;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    found.push({ path: entry.fullPath.replace(/^\//, ''), file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // A reader gives its entries in batches, at last an empty one.
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (batch.length === 0) return;
    for (const child of batch) await walk(child, found);
  }
}

const folderOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf('/')));
const isLabels = /^(labels?|targets|y|y_test)\./i;
const baseOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);

/**
 * Sorts files by their endings. Data of one folder belong together, except that every `.npz` is a dataset of its
 * own (with the text files beside it). What has no known ending is taken for a model; reading it says what it is.
 */
export function sortFiles(found: readonly FoundFile[]): SortedFiles {
  const models: FoundFile[] = [];
  const recipes: FoundFile[] = [];
  const folders = new Map<string, FoundFile[]>();
  for (const item of found) {
    const name = item.path.toLowerCase();
    if (/\.(npy|npz|csv|txt)$/.test(name)) {
      const folder = folderOf(item.path);
      folders.set(folder, [...(folders.get(folder) ?? []), item]);
    } else if (name.endsWith('.json')) recipes.push(item);
    else models.push(item);
  }
  const data = [...folders].flatMap(([folder, items]) => groupData(folder, items));
  return { models, data, recipes };
}

function groupData(folder: string, items: readonly FoundFile[]): DataGroup[] {
  const toData = ({ path, file }: FoundFile): DataFile => ({ name: baseOf(path), file });
  const packed = items.filter((item) => /\.npz$/i.test(item.path));
  const texts = items.filter((item) => /\.(txt|csv)$/i.test(item.path));
  const groups = packed.map((item) => ({
    name: baseOf(item.path).replace(/\.npz$/i, ''),
    files: [item, ...texts].map(toData),
  }));
  const arrays = items.filter((item) => /\.npy$/i.test(item.path));
  if (arrays.length > 0 || packed.length === 0) {
    const first = arrays.find(({ path }) => !isLabels.test(baseOf(path))) ?? arrays[0] ?? items[0]!;
    const name = folder ? baseOf(folder) : baseOf(first.path).replace(/\.\w+$/, '');
    groups.push({ name, files: [...arrays, ...texts].map(toData) });
  }
  return groups;
}
