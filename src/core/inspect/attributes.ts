/** Every field of a table of the schema as words: the inspector's attribute list is the schema itself. */
import { plural } from '../format';
import { tables } from '../model/schema';
import type { Field, TableName } from '../model/schema';
import type { Attribute } from './types';

/** Longest vector that is written out in full. */
const MAX_LISTED = 64;
/** Bytes that are written out of what is no text. */
const SHOWN_BYTES = 16;

/** Fields that belong together and are shown as one, height before width as in shapes. */
const groups: readonly { readonly name: string; readonly fields: readonly string[] }[] = [
  { name: 'stride', fields: ['strideD', 'strideH', 'strideW'] },
  { name: 'dilation', fields: ['dilationDFactor', 'dilationHFactor', 'dilationWFactor'] },
  { name: 'filter size', fields: ['filterHeight', 'filterWidth'] },
  { name: 'new size', fields: ['newHeight', 'newWidth'] },
];
const renamed: Readonly<Record<string, string>> = { fusedActivationFunction: 'activation' };

/** Values that the schema gives to fields of files that do not set them, where they would say what is not so. */
const notGiven: Readonly<Record<string, unknown>> = { quantizedBiasType: 'FLOAT32' };

/** `asymmetricQuantizeInputs` as `asymmetric quantize inputs`. */
export function spellField(name: string): string {
  return renamed[name] ?? name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
}

/**
 * Every field of a table but the type of biases where none is given, in the order of the schema; sizes along height, width and depth are one entry
 * (`stride`: `2 × 2`), nested tables give one entry for each field (`details · block size`).
 */
export function describeTable(name: TableName, value: object): Attribute[] {
  const fields = tables[name] as Readonly<Record<string, Field>>;
  const values = value as Readonly<Record<string, unknown>>;
  const done = new Set<string>();
  const attributes: Attribute[] = [];
  for (const [key, field] of Object.entries(fields)) {
    if (done.has(key) || notGiven[key] === values[key]) continue;
    const group = groups.find(({ fields: members }) => members.includes(key));
    const members = group?.fields.filter((member) => member in fields) ?? [];
    if (group && members.length > 1) {
      attributes.push({
        name: group.name,
        value: members.map((member) => describeScalar(values[member])).join(' × '),
      });
      for (const member of members) done.add(member);
    } else {
      attributes.push(...describeField(key, field, values[key]));
    }
  }
  return attributes;
}

function describeField(key: string, field: Field, value: unknown): Attribute[] {
  const name = spellField(key);
  if (value === null || value === undefined) return [{ name, value: 'not set' }];
  switch (field.kind) {
    case 'table':
      return nested(name, describeTable(field.of as TableName, value));
    case 'tables':
      return (value as readonly object[]).flatMap((entry, i) =>
        nested(`${name} ${i}`, describeTable(field.of as TableName, entry)),
      );
    case 'union': {
      const member = value as { readonly type: TableName; readonly value: object };
      return [{ name, value: member.type }, ...nested(name, describeTable(member.type, member.value))];
    }
    default:
      return [{ name, value: describeValue(value) }];
  }
}

function nested(name: string, attributes: readonly Attribute[]): Attribute[] {
  return attributes.map((attribute) => ({ ...attribute, name: `${name} · ${attribute.name}` }));
}

/** A number, text, list or nested value in one line. */
export function describeValue(value: unknown): string {
  if (value instanceof Uint8Array) return describeBytes(value);
  if (ArrayBuffer.isView(value))
    return describeList(Array.from(value as Int32Array, (entry) => describeScalar(entry)));
  if (Array.isArray(value)) return describeList(value.map(describeValue));
  if (value !== null && typeof value === 'object')
    return `{ ${Object.entries(value)
      .map(([key, entry]) => `${key}: ${describeValue(entry)}`)
      .join(', ')} }`;
  return describeScalar(value);
}

/** How many bytes there are, and the first as hexadecimal numbers: `3 bytes: 01 ab ff`. */
function describeBytes(bytes: Uint8Array): string {
  const shown = Array.from(bytes.subarray(0, SHOWN_BYTES), (byte) => byte.toString(16).padStart(2, '0'));
  const words = plural(bytes.length, 'byte');
  if (bytes.length === 0) return words;
  return `${words}: ${shown.join(' ')}${bytes.length > SHOWN_BYTES ? ' …' : ''}`;
}

function describeList(entries: readonly string[]): string {
  if (entries.length <= MAX_LISTED) return `[${entries.join(', ')}]`;
  return `[${entries.slice(0, MAX_LISTED).join(', ')}, … ${entries.length} in all]`;
}

function describeScalar(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  // float32 fields come as doubles: 0.1 is stored as 0.10000000149, which says nothing more.
  if (typeof value === 'number')
    return String(Number.isInteger(value) ? value : Number(value.toPrecision(7)));
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'string') return 'not set';
  // Texts of foreign options may hold anything: control characters would break the line.
  // eslint-disable-next-line no-control-regex
  return value.replace(/[\u0000-\u001f]/g, '·');
}
