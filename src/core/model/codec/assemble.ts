/** The last step of writing: weights find their places behind the structure and are copied once. */
import { ModelError } from '../../errors';
import { padding, type ByteSink } from './byte-sink';

/** Offsets of a flatbuffer are signed 32 bit in most readers. */
const MAX_ROOT_BYTES = 2 ** 31 - 1;
/** Bytes behind the flatbuffer begin on multiples of this. */
export const OUTSIDE_ALIGNMENT = 16;

export interface LateBytes {
  /** Position of the field that refers to the bytes. */
  readonly field: number;
  readonly bytes: Uint8Array;
  readonly align: number;
}

export interface Structure {
  /** Everything but what follows. */
  readonly sink: ByteSink;
  /** Byte vectors of the flatbuffer whose place is not decided yet. */
  readonly large: LateBytes[];
  /** Bytes to be kept behind the flatbuffer. */
  readonly outside: LateBytes[];
}

/**
 * Puts the structure, the large vectors, the outside bytes and the trailer together to a file. `trailer` is given the
 * size of all before it. Throws `ModelError` (`too-large`).
 */
export function assemble(
  { sink, large, outside }: Structure,
  trailer: (fileOffset: number) => Uint8Array | null,
): Uint8Array<ArrayBuffer> {
  const { view } = sink;
  const copies: { at: number; bytes: Uint8Array }[] = [];
  const places = new Map<ArrayBufferLike, Map<string, number>>();

  /** Where these bytes go: a place of their own, or the one of an equal view. */
  const place = (bytes: Uint8Array, kind: string, next: number): number => {
    const shared = places.get(bytes.buffer) ?? new Map<string, number>();
    places.set(bytes.buffer, shared);
    const key = `${kind}:${bytes.byteOffset}:${bytes.length}`;
    const known = shared.get(key);
    if (known !== undefined) return known;
    shared.set(key, next);
    copies.push({ at: next, bytes });
    return next;
  };

  let end = sink.position;
  const lengths: { at: number; length: number }[] = [];
  for (const { field, bytes, align } of large) {
    const next = end + 4 + padding(end + 4, align);
    const at = place(bytes, `vector${align}`, next);
    if (at === next) {
      lengths.push({ at: at - 4, length: bytes.length });
      end = at + bytes.length;
    }
    if (end > MAX_ROOT_BYTES) throw tooLarge(end);
    view.setUint32(field, at - 4 - field, true);
  }
  // Readers expect the buffer to end on a multiple of its alignment.
  end += padding(end, OUTSIDE_ALIGNMENT);
  if (end > MAX_ROOT_BYTES) throw tooLarge(end);
  for (const { field, bytes } of outside) {
    const next = end + padding(end, OUTSIDE_ALIGNMENT);
    const at = place(bytes, 'outside', next);
    if (at === next) end = at + bytes.length;
    view.setBigUint64(field, BigInt(at), true);
  }
  const tail = trailer(end);
  if (tail) copies.push({ at: end, bytes: tail });

  const file = allocate(end + (tail?.length ?? 0));
  file.set(sink.bytes.subarray(0, sink.position));
  const fileView = new DataView(file.buffer);
  for (const { at, length } of lengths) fileView.setUint32(at, length, true);
  for (const { at, bytes } of copies) file.set(bytes, at);
  return file;
}

function allocate(size: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(size);
  } catch (cause) {
    throw tooLarge(size, cause);
  }
}

function tooLarge(size: number, cause?: unknown): ModelError {
  const gigabytes = (size / 1e9).toFixed(1);
  return new ModelError(
    'too-large',
    `The file would be at least ${gigabytes} GB, more than can be written here. Make the model smaller first, for example with float16 weights.`,
    { cause },
  );
}
