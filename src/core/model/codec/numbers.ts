import type { ScalarStorage } from '../schema/field';

/** The number stored at `offset`, little endian; 64-bit integers as bigint. */
export function readNumber(view: DataView, offset: number, storage: ScalarStorage): number | bigint {
  switch (storage) {
    case 'int8':
      return view.getInt8(offset);
    case 'uint8':
      return view.getUint8(offset);
    case 'int16':
      return view.getInt16(offset, true);
    case 'uint16':
      return view.getUint16(offset, true);
    case 'int32':
      return view.getInt32(offset, true);
    case 'uint32':
      return view.getUint32(offset, true);
    case 'int64':
      return view.getBigInt64(offset, true);
    case 'uint64':
      return view.getBigUint64(offset, true);
    case 'float32':
      return view.getFloat32(offset, true);
    case 'float64':
      return view.getFloat64(offset, true);
  }
}

/** Writes a number at `at`, little endian. */
export function writeNumber(
  view: DataView,
  at: number,
  storage: ScalarStorage,
  value: number | bigint,
): void {
  switch (storage) {
    case 'int8':
      view.setInt8(at, Number(value));
      break;
    case 'uint8':
      view.setUint8(at, Number(value));
      break;
    case 'int16':
      view.setInt16(at, Number(value), true);
      break;
    case 'uint16':
      view.setUint16(at, Number(value), true);
      break;
    case 'int32':
      view.setInt32(at, Number(value), true);
      break;
    case 'uint32':
      view.setUint32(at, Number(value), true);
      break;
    case 'int64':
      view.setBigInt64(at, BigInt(value), true);
      break;
    case 'uint64':
      view.setBigUint64(at, BigInt(value), true);
      break;
    case 'float32':
      view.setFloat32(at, Number(value), true);
      break;
    case 'float64':
      view.setFloat64(at, Number(value), true);
      break;
  }
}
