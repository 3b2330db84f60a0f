/** Flatbuffer bytes to plain frozen objects, driven by a declared schema. */
import type { ByteSource } from './byte-source';
import { inlineBytes, type CompiledField, type CompiledSchema, type CompiledTable } from './compiled-schema';
import { readNumber } from './numbers';

export type Decoded = Record<string, unknown>;

const strict = new TextDecoder('utf-8', { fatal: true });
const lenient = new TextDecoder('utf-8');

/**
 * Reads the root table. Absent texts, vectors, tables and unions are null; byte vectors are views on the file, other
 * vectors copies. What the schema does not know becomes a warning of the source. Throws `ModelError` (`broken-model`)
 * with the place when an offset or a length does not fit.
 */
export function decodeRoot(source: ByteSource, schema: CompiledSchema, table: string): Decoded {
  source.need(0, 8, 'the header');
  return decodeTable(source, schema, schema.table(table), source.follow(0, 'the root table'));
}

function decodeTable(
  source: ByteSource,
  schema: CompiledSchema,
  table: CompiledTable,
  position: number,
): Decoded {
  source.spendTables(1, position);
  source.need(position, 4, `a ${table.name}`);
  const { view, path } = source;
  const vtable = position - view.getInt32(position, true);
  source.need(vtable, 4, `the field list of a ${table.name}`);
  const vtableBytes = view.getUint16(vtable, true);
  const tableBytes = view.getUint16(vtable + 2, true);
  if (vtableBytes < 4 || vtableBytes % 2 !== 0 || tableBytes < 4) {
    source.fail(vtable, `the field list of a ${table.name} has impossible sizes`);
  }
  source.need(vtable, vtableBytes, `the field list of a ${table.name}`);
  source.need(position, tableBytes, `a ${table.name}`);
  const slots = (vtableBytes - 4) / 2;

  /** Where the field in a slot lies, or 0 when it is absent. */
  const locate = (slot: number, size: number): number => {
    if (slot >= slots) return 0;
    const offset = view.getUint16(vtable + 4 + slot * 2, true);
    if (offset === 0) return 0;
    if (offset + size > tableBytes) source.fail(vtable + 4 + slot * 2, 'a field lies outside its table');
    return position + offset;
  };

  const record: Decoded = {};
  for (const field of table.fields) {
    path.push(field.key);
    record[field.key] =
      field.kind === 'union'
        ? decodeUnion(source, schema, field, locate(field.slot, 1), locate(field.slot + 1, 4))
        : decodeField(source, schema, field, locate(field.slot, inlineBytes(field)));
    path.pop();
  }
  for (let slot = 0; slot < slots; slot++) {
    if (table.isKnownSlot[slot] !== true && view.getUint16(vtable + 4 + slot * 2, true) !== 0) {
      source.warn(
        `Field ${slot} of ${table.name} is newer than this program: it is not shown and would be lost on saving.`,
      );
    }
  }
  return Object.freeze(record);
}

function decodeField(
  source: ByteSource,
  schema: CompiledSchema,
  field: CompiledField,
  offset: number,
): unknown {
  if (offset === 0) return field.absent;
  const { view } = source;
  switch (field.kind) {
    case 'scalar':
      return readNumber(view, offset, field.storage!);
    case 'bool':
      return view.getUint8(offset) !== 0;
    case 'enumeration':
      return enumName(source, field, Number(readNumber(view, offset, field.storage!)));
    case 'vector':
      return decodeVector(source, field, source.follow(offset, 'a list'));
    case 'enums': {
      const { start, count } = source.vector(source.follow(offset, 'a list'), field.size, 'a list');
      source.spendCopy(count * 8, start);
      const names = Array.from({ length: count }, (_, i) =>
        enumName(source, field, Number(readNumber(view, start + i * field.size, field.storage!))),
      );
      return Object.freeze(names);
    }
    case 'string':
      return decodeString(source, source.follow(offset, 'a text'));
    case 'strings':
      return decodeList(source, offset, (at) => decodeString(source, at));
    case 'table':
      return decodeTable(source, schema, schema.table(field.of), source.follow(offset, `a ${field.of}`));
    case 'tables': {
      const table = schema.table(field.of);
      return decodeList(source, offset, (at) => decodeTable(source, schema, table, at));
    }
    case 'union':
      return null;
  }
}

function decodeList(source: ByteSource, offset: number, decode: (at: number) => unknown): unknown {
  const { start, count } = source.vector(source.follow(offset, 'a list'), 4, 'a list');
  source.spendCopy(count * 4, start);
  const items: unknown[] = [];
  for (let i = 0; i < count; i++) {
    source.path.push(i);
    items.push(decode(source.follow(start + i * 4, 'an entry')));
    source.path.pop();
  }
  return Object.freeze(items);
}

function decodeUnion(
  source: ByteSource,
  schema: CompiledSchema,
  field: CompiledField,
  typeOffset: number,
  tableOffset: number,
): unknown {
  const type = typeOffset === 0 ? 0 : source.view.getUint8(typeOffset);
  if (type === 0 && tableOffset === 0) return null;
  const member = field.members[type - 1];
  if (member === undefined) {
    source.warn(`${field.of} of type ${type} is not known: it is not shown and would be lost on saving.`);
    return null;
  }
  if (tableOffset === 0) {
    source.warn(`${member} is announced but missing; it reads as absent.`);
    return null;
  }
  const value = decodeTable(source, schema, schema.table(member), source.follow(tableOffset, `a ${member}`));
  return Object.freeze({ type: member, value });
}

function decodeVector(source: ByteSource, field: CompiledField, position: number): unknown {
  const { start, count } = source.vector(position, field.size, 'a list');
  const size = count * field.size;
  if (field.storage === 'uint8') return source.bytes.subarray(start, start + size);
  source.spendCopy(size, start);
  // A copy, because the file promises no alignment that a typed array could rely on.
  const { buffer } = source.bytes.slice(start, start + size);
  switch (field.storage) {
    case 'int8':
      return new Int8Array(buffer);
    case 'int16':
      return new Int16Array(buffer);
    case 'uint16':
      return new Uint16Array(buffer);
    case 'int32':
      return new Int32Array(buffer);
    case 'uint32':
      return new Uint32Array(buffer);
    case 'int64':
      return new BigInt64Array(buffer);
    case 'uint64':
      return new BigUint64Array(buffer);
    case 'float32':
      return new Float32Array(buffer);
    case 'float64':
      return new Float64Array(buffer);
    case null:
      return null;
  }
}

function decodeString(source: ByteSource, position: number): string {
  const { start, count } = source.vector(position, 1, 'a text');
  source.spendCopy(count, start);
  const bytes = source.bytes.subarray(start, start + count);
  let text: string;
  try {
    text = strict.decode(bytes);
  } catch {
    source.warn('This text is not valid UTF-8; the bytes that could not be read are shown as \uFFFD.');
    text = lenient.decode(bytes);
  }
  // The decoder swallows a leading byte order mark.
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? `\uFEFF${text}` : text;
}

function enumName(source: ByteSource, field: CompiledField, number: number): string {
  const names = field.names!;
  if (!names.has(number)) source.warn(`${field.of} ${number} is not known to this program.`);
  return names.nameOf(number);
}
