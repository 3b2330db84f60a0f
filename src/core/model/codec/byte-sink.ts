/** A growing byte buffer for the structure of a file: everything but the weights. */
export class ByteSink {
  bytes = new Uint8Array(65_536);
  view = new DataView(this.bytes.buffer);
  /** Next byte to write. */
  position = 0;

  /** Moves on by `size` zero bytes and returns where they begin. */
  take(size: number): number {
    const at = this.position;
    const end = at + size;
    if (end > this.bytes.length) {
      const grown = new Uint8Array(Math.max(this.bytes.length * 2, end));
      grown.set(this.bytes);
      this.bytes = grown;
      this.view = new DataView(grown.buffer);
    }
    this.position = end;
    return at;
  }

  /** Moves on until `position + ahead` is a multiple of `alignment`. */
  align(alignment: number, ahead = 0): void {
    this.take(padding(this.position + ahead, alignment));
  }
}

/** Bytes to add to `position` to make it a multiple of `alignment`. */
export function padding(position: number, alignment: number): number {
  return (alignment - (position % alignment)) % alignment;
}
