import { unzipSync } from 'fflate';
import { ModelError } from '../errors';
import type { TensorData } from '../tensor-data';
import { readNpy } from './npy';

/** An archive must not unpack to more than this many bytes. */
const MAX_UNPACKED_BYTES = 2 ** 31;
/** Deflate packs at most this many bytes into one, so an archive that promises more lies. */
const MAX_RATIO = 1032;

/** True when the bytes begin like a zip archive. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5);
}

/**
 * Reads NumPy's `.npz`: a zip of `.npy` files, by key (the file name without `.npy`), in the archive's order.
 * Arrays whose key is not asked for are not unpacked.
 * @throws ModelError `bad-data` when the archive or an array in it is broken
 */
export function readNpz(
  bytes: Uint8Array,
  name: string,
  wanted: (key: string) => boolean,
): { readonly arrays: ReadonlyMap<string, TensorData>; readonly keys: readonly string[] } {
  if (!isZip(bytes))
    throw new ModelError(
      'bad-data',
      `${name} is not an .npz file (no zip archive); save it with numpy.savez.`,
    );
  const keys: string[] = [];
  let unpackedBytes = 0;
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(bytes, {
      filter(file) {
        if (!file.name.endsWith('.npy')) return false;
        const key = file.name.slice(0, -4);
        keys.push(key);
        if (!wanted(key)) return false;
        // Room is made for the size that the archive states, so the statement must be possible.
        if (file.size > bytes.length || file.originalSize > file.size * MAX_RATIO)
          throw new ModelError(
            'bad-data',
            `${name} says that "${file.name}" unpacks to ${file.originalSize} bytes, which it cannot; copy it again.`,
          );
        unpackedBytes += file.originalSize;
        if (unpackedBytes > MAX_UNPACKED_BYTES)
          throw new ModelError('bad-data', `${name} unpacks to more than 2 GB; make it smaller.`);
        return true;
      },
    });
  } catch (error) {
    if (error instanceof ModelError) throw error;
    throw new ModelError('bad-data', `${name} is a damaged .npz file; copy it again.`, { cause: error });
  }
  const arrays = new Map<string, TensorData>();
  for (const key of keys) {
    const file = files[`${key}.npy`];
    if (file) arrays.set(key, readNpy(file, `${key} in ${name}`));
  }
  return { arrays, keys };
}
