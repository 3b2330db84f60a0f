/** A file that is made a part at a time, in a worker. */
import type { WriteBytes } from '../src/core/inspect/export';

/** Smaller parts wait for others: a `Blob` costs about as much time for a hundred bytes as for a megabyte. */
const LEAST_BYTES = 2 ** 20;

export interface FileParts {
  /** Takes the next bytes; they are copied. */
  readonly write: WriteBytes;
  /** All that was written. */
  readonly file: () => Blob;
}

/** The bytes are kept by the browser, which may put them on the disk. */
export function fileParts(): FileParts {
  const kept: Blob[] = [];
  let waiting: Uint8Array<ArrayBuffer>[] = [];
  let waitingBytes = 0;
  const keep = () => {
    if (waiting.length > 0) kept.push(new Blob(waiting));
    waiting = [];
    waitingBytes = 0;
  };
  return {
    write(part) {
      waiting.push(new Uint8Array(part));
      waitingBytes += part.length;
      if (waitingBytes >= LEAST_BYTES) keep();
    },
    file() {
      keep();
      return new Blob(kept);
    },
  };
}
