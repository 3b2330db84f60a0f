/**
 * Plain objects to flatbuffer bytes, driven by a declared schema. Parents come before their children, so that the
 * weights can be left to the end and are copied once, straight into the finished file.
 */
import { ModelError } from '../../errors';
import { assemble, OUTSIDE_ALIGNMENT, type Structure } from './assemble';
import { ByteSink } from './byte-sink';
import {
  inlineBytes,
  isInline,
  type CompiledField,
  type CompiledSchema,
  type CompiledTable,
} from './compiled-schema';
import { writeNumber } from './numbers';

/** The value of a uint64 field that names bytes behind the flatbuffer: they are placed there, and the field tells where. */
export class OutsideBytes {
  readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

/** Byte vectors from this size on are copied last, once. */
const LARGE_BYTES = 1024;

interface Layout {
  readonly vtable: number;
  readonly tableBytes: number;
  readonly hasWide: boolean;
  /** Offset of each slot inside the table; 0 when absent. */
  readonly offsets: readonly number[];
}

interface Session extends Structure {
  readonly schema: CompiledSchema;
  readonly layouts: Map<string, Layout>;
}

/**
 * Writes a root table with a four-letter identifier; `trailer`, given the size of all before it, is put at the end.
 * Scalars at their default are left out, null is absent, an empty vector is an empty vector. Throws `ModelError`
 * (`too-large`) when the flatbuffer would pass 2 GB or the whole cannot be held in memory.
 */
export function encodeRoot(
  schema: CompiledSchema,
  table: string,
  value: object,
  identifier: string,
  trailer: (fileOffset: number) => Uint8Array | null = () => null,
): Uint8Array<ArrayBuffer> {
  const sink = new ByteSink();
  const session: Session = { schema, sink, layouts: new Map(), large: [], outside: [] };
  sink.take(8);
  for (let i = 0; i < 4; i++) sink.bytes[4 + i] = identifier.charCodeAt(i);
  const root = encodeTable(session, schema.table(table), value as Record<string, unknown>);
  sink.view.setUint32(0, root, true);
  return assemble(session, trailer);
}

function encodeTable(session: Session, table: CompiledTable, record: Record<string, unknown>): number {
  const { sink } = session;
  const layout = layoutOf(session, table, record);
  // Eight-byte fields come right behind the four bytes of the table's head.
  if (layout.hasWide) sink.align(8, 4);
  else sink.align(4);
  const position = sink.take(layout.tableBytes);
  sink.view.setInt32(position, position - layout.vtable, true);
  for (const field of table.fields) {
    const offset = layout.offsets[field.slot]!;
    if (offset === 0) continue;
    const value = record[field.key];
    if (field.kind === 'union') {
      const { type } = value as { type: string };
      sink.view.setUint8(position + offset, field.members.indexOf(type) + 1);
    } else if (isInline(field)) {
      writeInline(session, field, position + offset, value);
    }
  }
  for (const field of table.fields) {
    const isUnion = field.kind === 'union';
    const offset = layout.offsets[isUnion ? field.slot + 1 : field.slot]!;
    if (offset !== 0) writeReferred(session, field, position + offset, record[field.key]);
  }
  return position;
}

/** Which fields are stored, in which order; equal for tables of one kind with the same fields present. */
function layoutOf(session: Session, table: CompiledTable, record: Record<string, unknown>): Layout {
  let key = table.name;
  const present: { slot: number; size: number }[] = [];
  for (const field of table.fields) {
    const value = record[field.key];
    if (Object.is(value, field.absent) || value === undefined || value === null) continue;
    key += `,${field.slot}`;
    if (field.kind === 'union') {
      present.push({ slot: field.slot, size: 1 }, { slot: field.slot + 1, size: 4 });
    } else {
      present.push({ slot: field.slot, size: inlineBytes(field) });
    }
  }
  const known = session.layouts.get(key);
  if (known) return known;

  const slots = table.isKnownSlot.length;
  const offsets = new Array<number>(slots).fill(0);
  let tableBytes = 4;
  for (const { slot, size } of present.toSorted((a, b) => b.size - a.size)) {
    offsets[slot] = tableBytes;
    tableBytes += size;
  }
  const used = present.reduce((most, { slot }) => Math.max(most, slot + 1), 0);
  const { sink } = session;
  sink.align(2);
  const vtable = sink.take(4 + used * 2);
  sink.view.setUint16(vtable, 4 + used * 2, true);
  sink.view.setUint16(vtable + 2, tableBytes, true);
  for (let slot = 0; slot < used; slot++) sink.view.setUint16(vtable + 4 + slot * 2, offsets[slot]!, true);
  const layout = { vtable, tableBytes, hasWide: present.some(({ size }) => size === 8), offsets };
  session.layouts.set(key, layout);
  return layout;
}

function writeInline(session: Session, field: CompiledField, at: number, value: unknown): void {
  const { view } = session.sink;
  if (value instanceof OutsideBytes) {
    session.outside.push({ field: at, bytes: value.bytes, align: OUTSIDE_ALIGNMENT });
  } else if (field.kind === 'bool') {
    view.setUint8(at, value === true ? 1 : 0);
  } else if (field.kind === 'enumeration') {
    writeNumber(view, at, field.storage!, enumNumber(field, value as string));
  } else {
    writeNumber(view, at, field.storage!, value as number | bigint);
  }
}

/** Writes what a reference field points to, and the reference. */
function writeReferred(session: Session, field: CompiledField, at: number, value: unknown): void {
  const { schema, sink } = session;
  if (isInline(field)) return;
  let target: number;
  switch (field.kind) {
    case 'vector': {
      const vector = value as Int32Array;
      const bytes = new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
      const align = Math.max(4, field.size, field.align);
      if (field.size === 1 && (align >= 16 || bytes.length >= LARGE_BYTES)) {
        session.large.push({ field: at, bytes, align });
        return;
      }
      target = takeVector(sink, vector.length, bytes.length, align);
      sink.bytes.set(bytes, target + 4);
      break;
    }
    case 'enums': {
      const names = value as readonly string[];
      target = takeVector(sink, names.length, names.length * field.size, Math.max(4, field.size));
      names.forEach((name, i) => {
        writeNumber(sink.view, target + 4 + i * field.size, field.storage!, enumNumber(field, name));
      });
      break;
    }
    case 'string':
      target = writeString(sink, value as string);
      break;
    case 'strings':
      target = writeList(sink, value as readonly string[], (text) => writeString(sink, text));
      break;
    case 'table':
      target = encodeTable(session, schema.table(field.of), value as Record<string, unknown>);
      break;
    case 'union': {
      const { type, value: record } = value as { type: string; value: Record<string, unknown> };
      target = encodeTable(session, schema.table(type), record);
      break;
    }
    default: {
      const table = schema.table(field.of);
      target = writeList(sink, value as readonly Record<string, unknown>[], (item) =>
        encodeTable(session, table, item),
      );
    }
  }
  sink.view.setUint32(at, target - at, true);
}

function writeList<T>(sink: ByteSink, items: readonly T[], write: (item: T) => number): number {
  const list = takeVector(sink, items.length, items.length * 4, 4);
  items.forEach((item, i) => {
    const at = list + 4 + i * 4;
    const target = write(item);
    sink.view.setUint32(at, target - at, true);
  });
  return list;
}

function takeVector(sink: ByteSink, count: number, size: number, align: number): number {
  sink.align(align, 4);
  const at = sink.take(4 + size);
  sink.view.setUint32(at, count, true);
  return at;
}

const utf8 = new TextEncoder();

function writeString(sink: ByteSink, text: string): number {
  const bytes = utf8.encode(text);
  // A zero byte follows the text, for readers in C.
  const at = takeVector(sink, bytes.length, bytes.length + 1, 4);
  sink.bytes.set(bytes, at + 4);
  return at;
}

function enumNumber(field: CompiledField, name: string): number {
  const number = field.names!.numberOf(name);
  if (Number.isNaN(number)) {
    throw new ModelError('unsupported', `"${name}" is no ${field.of}. Use a name of the TFLite schema.`, {
      where: field.key,
    });
  }
  return number;
}
