/**
 * The zip archive that TFLite metadata tools append to a model. A zip names places by their distance from some start:
 * the file's for most tools, the archive's for others. Here they always count from the archive, until it is written.
 */
const END_RECORD = 0x06054b50;
const CENTRAL_ENTRY = 0x02014b50;
const END_BYTES = 22;
const ENTRY_BYTES = 46;
const MAX_COMMENT_BYTES = 65_535;

interface Directory {
  /** Where things really lie, from the start of `bytes`. */
  readonly start: number;
  readonly end: number;
  /** What to add to the offsets stored in the archive to get real ones. */
  readonly shift: number;
  readonly entries: readonly number[];
  readonly endRecord: number;
}

/**
 * The archive that ends where `bytes` ends and begins at or after `from`, with offsets from its own start; null when
 * there is none. A view on `bytes` when the offsets are so already, else a copy.
 */
export function findArchive(bytes: Uint8Array, from: number): Uint8Array | null {
  const directory = findDirectory(bytes);
  if (directory === null || directory.entries.length === 0) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stored = directory.entries.map((entry) => view.getUint32(entry + 42, true));
  const start = Math.min(...stored) + directory.shift;
  if (start < from || start >= directory.start) return null;
  return shifted(bytes.subarray(start), directory.shift - start);
}

/** A copy of the archive whose offsets count from the start of a file in which it begins at `fileOffset`. */
export function placeArchive(archive: Uint8Array, fileOffset: number): Uint8Array {
  return shifted(archive, fileOffset);
}

/** Adds `delta` to every offset that the archive stores; the same bytes when there is nothing to add. */
function shifted(archive: Uint8Array, delta: number): Uint8Array {
  if (delta === 0) return archive;
  const directory = findDirectory(archive);
  if (directory === null) return archive;
  const copy = archive.slice();
  const view = new DataView(copy.buffer);
  for (const at of [...directory.entries.map((entry) => entry + 42), directory.endRecord + 16]) {
    view.setUint32(at, view.getUint32(at, true) + delta, true);
  }
  return copy;
}

function findDirectory(bytes: Uint8Array): Directory | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lowest = Math.max(0, bytes.length - END_BYTES - MAX_COMMENT_BYTES);
  for (let at = bytes.length - END_BYTES; at >= lowest; at--) {
    if (view.getUint32(at, true) !== END_RECORD) continue;
    if (at + END_BYTES + view.getUint16(at + 20, true) !== bytes.length) continue;
    const count = view.getUint16(at + 10, true);
    const start = at - view.getUint32(at + 12, true);
    const shift = start - view.getUint32(at + 16, true);
    const entries = centralEntries(view, start, at, count);
    return entries && { start, end: at, shift, entries, endRecord: at };
  }
  return null;
}

function centralEntries(view: DataView, start: number, end: number, count: number): number[] | null {
  const entries: number[] = [];
  let at = start;
  for (let i = 0; i < count; i++) {
    if (at < 0 || at + ENTRY_BYTES > end || view.getUint32(at, true) !== CENTRAL_ENTRY) return null;
    entries.push(at);
    at +=
      ENTRY_BYTES +
      view.getUint16(at + 28, true) +
      view.getUint16(at + 30, true) +
      view.getUint16(at + 32, true);
  }
  return entries;
}
