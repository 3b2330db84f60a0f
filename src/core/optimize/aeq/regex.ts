/**
 * Regular expressions of Python's `re` and of JavaScript, turned into each other. ai-edge-quantizer searches them in the
 * names of an operator's outputs, each with `;` behind it; Whittle searches them in each name alone.
 */

/** What a Python expression became, or why it could not be converted. */
export type ConvertedRegex =
  | {
      /** For `RegExp`, searched in one name. */
      readonly source: string;
      /** It wants an end right after a letter, which ai-edge-quantizer's `;` never leaves. */
      readonly endsInName: boolean;
    }
  | { readonly reason: string };

/** Expressions that are found in every name. */
const everywhere: ReadonlySet<string> = new Set([
  ...['', '.*', '.+', '^', '^.*', '^.+', '.*$', '.+$', '^.*$', '^.+$', '(.*)', '.*?'],
]);

/** Whether the expression is found in every name, as `.*` is. */
export function matchesEverything(regex: string): boolean {
  return everywhere.has(regex);
}

/** One piece of an expression: an escape, a set of characters in brackets, the start of a group, or one character. */
const piecePattern = /\\[\s\S]|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]|\(\?(?:P[<=]|<[=!]|[a-zA-Z#:=!>(-])?|[\s\S]/g;

/**
 * A Python expression for JavaScript: named groups, `\A` and `\Z`, comments, `{,n}` and flags at the start are converted,
 * and a `;` at the end of a name becomes the end of the name.
 */
export function fromPython(regex: string): ConvertedRegex {
  const flags = /^\(\?([a-zA-Z]+)\)/.exec(regex);
  const letters = flags?.[1] ?? '';
  const unknown = /[^aimsu]/.exec(letters);
  if (unknown) return { reason: `its flag ${unknown[0]} has no counterpart` };
  const text = regex.slice(flags?.[0].length ?? 0);
  const ignoresCase = letters.includes('i');
  let source = '';
  let endsInName = false;
  const pieces = [...text.matchAll(piecePattern)];
  for (let at = 0; at < pieces.length; at++) {
    const [piece] = pieces[at]!;
    if (piece === '(?P<') source += '(?<';
    else if (piece === '(?P=') {
      const name = /^\(\?P=(\w+)\)/.exec(text.slice(pieces[at]!.index));
      if (!name) return { reason: 'its reference to a named group is not closed' };
      source += `\\k<${name[1]!}>`;
      at += name[0].length - 4;
    } else if (piece === '(?#') {
      const end = text.indexOf(')', pieces[at]!.index);
      if (end < 0) return { reason: 'its comment is not closed' };
      while (at + 1 < pieces.length && pieces[at + 1]!.index <= end) at++;
    } else if (/^\(\?[a-zA-Z-]$/.test(piece)) {
      return { reason: 'flags are read at its start only, as in (?i)name' };
    } else if (piece === '(?>' || piece === '(?(') {
      return { reason: 'atomic groups and conditions have no counterpart' };
    } else if (piece === '\\A') source += '^';
    else if (piece === '\\Z') source += '$';
    else if (piece.startsWith('[') && piece.length > 1) source += charactersFromPython(piece, ignoresCase);
    else if (piece === '{' && text.startsWith('{,', pieces[at]!.index)) source += '{0';
    else if (piece === ';') source += endOfName(pieces[at + 1]?.[0]);
    else if (ignoresCase && /^[a-zA-Z]$/.test(piece)) source += eitherCase(piece);
    else source += piece;
    const isEnd = piece === '$' || piece === '\\Z';
    if (isEnd && /^[\w)\]]$/.test(pieces[at - 1]?.[0].at(-1) ?? '')) endsInName = true;
  }
  source = source.replace(/\(\?:;\|\$\)\$$/, '$');
  try {
    new RegExp(source);
  } catch {
    return { reason: 'it is no valid regular expression' };
  }
  return { source, endsInName };
}

/** Names themselves may hold `;`: followed by more of a name it is that, else the end of the name serves too. */
function endOfName(next: string | undefined): string {
  return next !== undefined && /^[\w/.\\[]/.test(next) ? ';' : '(?:;|$)';
}

/** A set of characters: `]` may come first in Python, and case is written out. */
function charactersFromPython(piece: string, ignoresCase: boolean): string {
  const start = piece.startsWith('[^') ? '[^' : '[';
  const inside = piece.slice(start.length, -1).replace(/^\]/, '\\]');
  if (!ignoresCase) return `${start}${inside}]`;
  const ranges = inside.match(/\\[\s\S]|[a-z]-[a-z]|[A-Z]-[A-Z]|[a-zA-Z]/g) ?? [];
  const others = ranges
    .filter((range) => !range.startsWith('\\'))
    .map((range) => (range === range.toLowerCase() ? range.toUpperCase() : range.toLowerCase()));
  return `${start}${inside}${others.join('')}]`;
}

function eitherCase(letter: string): string {
  return `[${letter.toLowerCase()}${letter.toUpperCase()}]`;
}

/** A JavaScript expression for Python: named groups, and `$` behind the `;` that follows a name there. */
export function toPython(source: string): string {
  const pieces = source.match(/\\k<\w+>|\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]|\(\?<(?![=!])|[\s\S]/g) ?? [];
  return pieces
    .map((piece, at) => {
      if (piece === '(?<') return '(?P<';
      if (piece.startsWith('\\k<')) return `(?P=${piece.slice(3, -1)})`;
      const isInside = /[\w)\]}]$/.test(pieces[at - 1] ?? '');
      return piece === '$' && isInside ? ';$' : piece;
    })
    .join('');
}

/** A Python expression that is found in the outputs of just one operator: its outputs' names, in order. */
export function exactly(outputNames: readonly string[]): string {
  const escaped = outputNames.map((name) => name.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return `^${escaped.map((name) => `${name};`).join('')}$`;
}
