/** Checked access to the bytes of a flatbuffer: no read goes past the end, and nothing can be read without bound. */
import { ModelError } from '../../errors';
import type { Finding } from '../../inspect/types';

/** Tables beyond this many are no model but an attack or damage. */
const MAX_TABLES = 4_000_000;

export class ByteSource {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly warnings: Finding[] = [];
  /** End of the farthest thing read so far. */
  extent = 0;
  /** Steps from the root to the value being read: field names and indexes. */
  readonly path: (string | number)[] = [];
  #tablesLeft: number;
  #copiesLeft: number;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    // Every table is named by a 4-byte offset. Parts may be shared in a file, hence the slack, but without these
    // two bounds a small file could unfold into any amount of memory.
    this.#tablesLeft = Math.min(MAX_TABLES, bytes.length / 4 + 1024);
    this.#copiesLeft = bytes.length * 4 + 65_536;
  }

  /** The place being read, e.g. `subgraphs[0].operators[12].inputs`. */
  place(): string {
    let text = '';
    for (const step of this.path) {
      if (typeof step === 'number') text += `[${step}]`;
      else text += text === '' ? step : `.${step}`;
    }
    return text === '' ? 'root' : text;
  }

  fail(byteOffset: number, what: string): never {
    const where = this.place();
    throw new ModelError(
      'broken-model',
      `The model is damaged at ${where} (byte ${byteOffset}): ${what}. It may be cut short; get a fresh copy of the file.`,
      { where, byteOffset },
    );
  }

  warn(message: string): void {
    this.warnings.push({ severity: 'warning', where: this.place(), message });
  }

  /** Demands that `size` bytes from `offset` lie in the file. */
  need(offset: number, size: number, what: string): void {
    if (offset < 0 || size > this.bytes.length - offset) {
      this.fail(offset, `${what} reaches past the end of the file (${this.bytes.length} bytes)`);
    }
    if (offset + size > this.extent) this.extent = offset + size;
  }

  /** Follows the reference stored at `offset`. */
  follow(offset: number, what: string): number {
    const distance = this.view.getUint32(offset, true);
    if (distance === 0) this.fail(offset, `${what} is stored at no place`);
    return offset + distance;
  }

  /** Position of the first element and count of the vector at `offset`; the whole of it lies in the file. */
  vector(offset: number, elementBytes: number, what: string): { start: number; count: number } {
    this.need(offset, 4, what);
    const count = this.view.getUint32(offset, true);
    this.need(offset + 4, count * elementBytes, `${what} of ${count} entries`);
    return { start: offset + 4, count };
  }

  /** Counts tables against the bound. */
  spendTables(count: number, offset: number): void {
    this.#tablesLeft -= count;
    if (this.#tablesLeft < 0) this.fail(offset, 'it names far more tables than the file can hold');
  }

  /** Counts copied bytes against the bound. */
  spendCopy(size: number, offset: number): void {
    this.#copiesLeft -= size;
    if (this.#copiesLeft < 0) this.fail(offset, 'its parts unfold to far more than the size of the file');
  }
}
