/** The language of the search box: words, fields and figures. */

/** Fields whose text is searched; any other word before a colon is the name of an attribute. */
export const textFields = ['kind', 'name', 'dtype', 'shape', 'in', 'out'] as const;
export type TextField = (typeof textFields)[number];
/** Fields that hold a figure. */
export const numberFields = ['bytes', 'macs', 'params'] as const;
export type NumberField = (typeof numberFields)[number];
export type Comparison = '<' | '<=' | '>' | '>=' | '=';

/** One part of a query; all of them must hold. */
export type Term = { readonly isNot: boolean } & (
  | { readonly what: 'any'; readonly text: string }
  | { readonly what: TextField; readonly text: string }
  | { readonly what: 'attribute'; readonly name: string; readonly text: string }
  | { readonly what: NumberField; readonly comparison: Comparison; readonly value: number }
);

export interface Query {
  readonly terms: readonly Term[];
  /** What cannot be understood, in one sentence; null when all can. */
  readonly problem: string | null;
}

/** Examples that the search box shows. */
export const queryHelp = 'CONV_2D dtype:int8 bytes>100k shape:1x28x28 stride:2 in:block_1 -relu "two words"';

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9 };

/** Lower case, with `×` as `x`. */
export function normalize(text: string): string {
  return text.toLowerCase().replaceAll('×', 'x');
}

/** `strideH`, `stride h` and `stride_h` are one name. */
export function attributeKey(name: string): string {
  return normalize(name).replaceAll(/[^a-z0-9]/g, '');
}

/**
 * Reads a query: words (all must be found), `"phrases"`, `field:text`, `bytes>100k`, `name_of_attribute:value`, and `-` before
 * any of them for what must not be. Never throws; an unfinished part (`dtype:`) asks for nothing.
 */
export function parseQuery(text: string): Query {
  const terms: Term[] = [];
  let problem: string | null = null;
  for (const [, minus = '', field = '', mark = '', quoted, plain = ''] of normalize(text).matchAll(
    /(?:^|\s)(-?)(?:([a-z][\w.]*)(:|[<>]=?|=))?(?:"([^"]*)"?|([^\s"]*))(?=\s|$)/g,
  )) {
    const value = quoted ?? plain;
    const isNot = minus === '-';
    if (field === '') {
      if (value !== '') terms.push({ what: 'any', text: value, isNot });
      continue;
    }
    if (isOneOf(numberFields, field)) {
      const comparison = comparisonOf(mark, value);
      if (comparison === null) {
        if (value !== '') problem ??= `${field} needs a number, such as ${field}>100k.`;
        continue;
      }
      terms.push({ what: field, ...comparison, isNot });
    } else if (value === '') continue;
    else if (mark !== ':') {
      problem ??= `Only ${numberFields.join(', ')} can be compared with ${mark}; use ${field}:${value}.`;
    } else if (isOneOf(textFields, field)) terms.push({ what: field, text: value, isNot });
    else terms.push({ what: 'attribute', name: attributeKey(field), text: value, isNot });
  }
  return { terms, problem };
}

/** `:>=100k` is as good as `>=100k`. */
function comparisonOf(mark: string, value: string): { comparison: Comparison; value: number } | null {
  const found = /^([<>]=?|=)?(\d+(?:\.\d+)?)([kmg]?)b?$/.exec(value);
  if (!found) return null;
  const [, own, digits, unit] = found;
  const comparison = (mark === ':' ? (own ?? '=') : mark) as Comparison;
  if (mark !== ':' && own !== undefined) return null;
  return { comparison, value: Number(digits) * UNITS[unit!]! };
}

function isOneOf<T extends string>(list: readonly T[], text: string): text is T {
  return (list as readonly string[]).includes(text);
}

/** Whether a figure is as a term wants it; one that is not known never is. */
export function compares(figure: number, comparison: Comparison, value: number): boolean {
  switch (comparison) {
    case '<':
      return figure < value;
    case '<=':
      return figure <= value;
    case '>':
      return figure > value;
    case '>=':
      return figure >= value;
    case '=':
      return figure === value;
  }
}
