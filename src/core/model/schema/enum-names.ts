/** Between the numbers of the file and the names of the schema. */
import { enumValues } from './enums';
import type { EnumName } from './field';
import type { EnumValue } from './index';

const UNKNOWN = 'UNKNOWN_';
const namesByNumber = new Map<string, Map<number, string>>();
for (const [name, values] of Object.entries(enumValues)) {
  namesByNumber.set(name, new Map(Object.entries(values).map(([key, number]) => [number, key])));
}

/** Name of a stored enumeration value, `UNKNOWN_n` where the schema has none. */
export function enumNameOf<E extends EnumName>(of: E, number: number): EnumValue<E> {
  return (namesByNumber.get(of)?.get(number) ?? `${UNKNOWN}${number}`) as EnumValue<E>;
}

/** Stored number of an enumeration value; the inverse of `enumNameOf`. NaN for a name that is neither known nor `UNKNOWN_n`. */
export function enumNumberOf<E extends EnumName>(of: E, name: EnumValue<E>): number {
  const known = (enumValues[of] as Record<string, number>)[name];
  return known ?? (name.startsWith(UNKNOWN) ? Number(name.slice(UNKNOWN.length)) : NaN);
}
