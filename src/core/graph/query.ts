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
  /** `name` as it was typed: `stride_h`. */
  | { readonly what: 'attribute'; readonly name: string; readonly text: string }
  | { readonly what: NumberField; readonly comparison: Comparison; readonly value: number }
);

export interface Query {
  readonly terms: readonly Term[];
  /** What cannot be understood, in one sentence; null when all can. */
  readonly problem: string | null;
}

/** Examples that the search box shows, each with what it finds. */
export const queryExamples: readonly { readonly query: string; readonly finds: string }[] = [
  { query: 'conv int8', finds: 'both words, in kind, name, dtype or shape' },
  { query: '"dense out"', finds: 'a phrase' },
  { query: '-relu', finds: 'what is without a word' },
  { query: 'kind:conv name:block_1', finds: 'a kind, a name' },
  { query: 'dtype:int8 shape:1x28x28', finds: 'a type, a shape' },
  { query: 'bytes>100k macs>=1m', finds: 'figures; params too' },
  { query: 'stride_h:2 padding:same', finds: 'attributes' },
  { query: 'in:image out:logits', finds: 'what reads or writes a tensor' },
];

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
  for (const { isNot, field, mark, value } of partsOf(normalize(text))) {
    if (value === '') continue;
    if (field === '') terms.push({ what: 'any', text: value, isNot });
    else if (isOneOf(numberFields, field)) {
      const comparison = comparisonOf(mark, value);
      if (comparison) terms.push({ what: field, ...comparison, isNot });
      else problem ??= `${field} needs a number such as ${field}${mark === ':' ? '>' : mark}100k.`;
    } else if (mark !== ':') {
      problem ??= `${field} cannot be compared with ${mark}; write ${field}:${value}.`;
    } else if (isOneOf(textFields, field)) terms.push({ what: field, text: value, isNot });
    else terms.push({ what: 'attribute', name: field, text: value, isNot });
  }
  return { terms, problem };
}

/** What may stand behind a field. */
const follows: Readonly<Record<TextField | NumberField, string>> = {
  kind: 'a kind of operator, as in kind:conv',
  name: 'a part of a name, as in name:block_1',
  dtype: 'a type, as in dtype:int8',
  shape: 'sizes, as in shape:1x28x28',
  in: 'the name of a tensor that is read, as in in:image',
  out: 'the name of a tensor that is written, as in out:logits',
  bytes: 'a number, as in bytes>100k',
  macs: 'a number, as in macs>=1m',
  params: 'a number, as in params<10k',
};

/** Says what may follow where a query ends in a field without a value (`dtype:`), in one sentence; null where it does not. */
export function whatFollows(text: string): string | null {
  const last = [...partsOf(normalize(text))].at(-1);
  if (!last || last.field === '' || last.value !== '') return null;
  const { field, mark } = last;
  const known = isOneOf(textFields, field) || isOneOf(numberFields, field) ? follows[field] : null;
  return `${field}${mark} goes on with ${known ?? `a value of that attribute, as in ${field}:2`}.`;
}

interface Part {
  readonly isNot: boolean;
  /** Empty for a word or phrase. */
  readonly field: string;
  readonly mark: string;
  readonly value: string;
}

const FIELD = /([a-z][\w.]*)(:|[<>]=?|=)/y;
const VALUE = /"([^"]*)"?|\S+/y;

/** Parts of a normalized query, one after the other; a phrase may lack its end. */
function* partsOf(text: string): Generator<Part> {
  let at = 0;
  const read = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) at += found[0].length;
    return found;
  };
  for (;;) {
    while (at < text.length && /\s/.test(text[at]!)) at++;
    if (at >= text.length) return;
    const isNot = text[at] === '-';
    if (isNot) at++;
    const [, field = '', mark = ''] = read(FIELD) ?? [];
    const found = read(VALUE);
    yield { isNot, field, mark, value: found?.[1] ?? found?.[0] ?? '' };
  }
}

/** A query as text that reads as the same terms. */
export function printQuery(terms: readonly Term[]): string {
  return terms
    .map((term) => {
      const minus = term.isNot ? '-' : '';
      if (term.what === 'any') {
        const isMistakable =
          /^[a-z][\w.]*[:<>=]/.test(term.text) || (!term.isNot && term.text.startsWith('-'));
        return minus + quoted(term.text, isMistakable);
      }
      if ('comparison' in term) return `${minus}${term.what}${term.comparison}${term.value}`;
      return `${minus}${term.what === 'attribute' ? term.name : term.what}:${quoted(term.text, false)}`;
    })
    .join(' ');
}

function quoted(text: string, isMistakable: boolean): string {
  return isMistakable || /\s/.test(text) ? `"${text}"` : text;
}

/** `:>=100k` is as good as `>=100k`. */
function comparisonOf(mark: string, value: string): { comparison: Comparison; value: number } | null {
  const found = /^([<>]=?|=)?(\d+(?:\.\d+)?(?:e[+-]?\d+)?)([kmg]?)b?$/.exec(value);
  if (!found || (mark !== ':' && found[1] !== undefined)) return null;
  const [, own = '=', digits, unit] = found;
  const number = Number(digits) * UNITS[unit!]!;
  if (!Number.isFinite(number)) return null;
  return { comparison: (mark === ':' ? own : mark) as Comparison, value: number };
}

/**
 * Whether a text holds a part of it, where numbers must be whole: `1x28` is in `1x28x28` and not in `11x28` or `1x280`.
 */
export function containsWhole(text: string, part: string): boolean {
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) {
    const end = at + part.length;
    if (!isInNumber(text, at) && !isInNumber(text, end)) return true;
  }
  return false;
}

/** Whether there are digits at both sides of a place. */
function isInNumber(text: string, at: number): boolean {
  return isDigit(text.charCodeAt(at - 1)) && isDigit(text.charCodeAt(at));
}

const isDigit = (code: number) => code >= 48 && code <= 57;

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
