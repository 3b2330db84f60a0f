/** Finds commands by a few of their letters. */

export interface FuzzyMatch {
  /** Higher is better. */
  readonly score: number;
  /** Places of the letters that were found, ascending. */
  readonly places: readonly number[];
}

const WORD_START = 8;
/** More than a word's start, so that `fit` is found in one piece in "Fit the graph". */
const NEXT = 9;
const FOUND = 1;

/**
 * Finds every word of `wanted` in `text` (`fuzzyWord`), in any order; null where one is not found. Places count characters
 * (`Array.from`). Nothing is found at no place in anything, and no text is better than another.
 */
export function fuzzyMatch(text: string, wanted: string): FuzzyMatch | null {
  const words = wanted.split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) return { score: 0, places: [] };
  let score = 0;
  const places = new Set<number>();
  for (const word of words) {
    const match = fuzzyWord(text, word);
    if (!match) return null;
    score += match.score;
    for (const place of match.places) places.add(place);
  }
  // Of equal ones the shorter text.
  return { score: score - text.length / 1000, places: [...places].sort((a, b) => a - b) };
}

/**
 * Finds the letters of a word in a text, in order, case ignored; null where one is missing. Of all ways the one with the most
 * letters at starts of words and side by side counts; the time grows with the product of both lengths.
 */
function fuzzyWord(text: string, word: string): FuzzyMatch | null {
  // Letter by letter: the lower case of a whole text may have more letters than the text.
  const letters = Array.from(word, (letter) => letter.toLowerCase());
  const body = Array.from(text, (letter) => letter.toLowerCase());
  if (letters.length > body.length) return null;
  /** Best score with letter i at place j, and the place of the letter before it. */
  const scores: Float64Array[] = [];
  const cameFrom: Int32Array[] = [];
  letters.forEach((letter, i) => {
    const row = new Float64Array(body.length).fill(-Infinity);
    const from = new Int32Array(body.length).fill(-1);
    const above = scores[i - 1];
    let best = -1;
    for (let j = 0; j < body.length; j++) {
      // Places before j at which the letter before can be.
      if (above && j > 0 && above[j - 1]! > (best === -1 ? -Infinity : above[best]!)) best = j - 1;
      if (body[j] !== letter || (above && best === -1)) continue;
      const own = FOUND + (isWordStart(body, j) ? WORD_START : 0);
      const apart = above ? above[best]! : 0;
      const beside = above ? above[j - 1]! + NEXT : -Infinity;
      row[j] = own + Math.max(apart, beside);
      from[j] = beside >= apart ? j - 1 : best;
    }
    scores.push(row);
    cameFrom.push(from);
  });
  const last = scores.at(-1)!;
  let place = 0;
  for (let j = 1; j < last.length; j++) if (last[j]! > last[place]!) place = j;
  const score = last[place]!;
  if (score === -Infinity) return null;
  const places: number[] = [];
  for (let i = letters.length - 1; i >= 0; i--) {
    places.push(place);
    place = cameFrom[i]![place]!;
  }
  return { score, places: places.reverse() };
}

function isWordStart(body: readonly string[], j: number): boolean {
  return j === 0 || !/[\p{L}\p{N}]/u.test(body[j - 1]!);
}

/** What fits, best first; what fits equally well in the order in which it came. */
export function fuzzyFilter<T>(
  items: readonly T[],
  textOf: (item: T) => string,
  wanted: string,
): { readonly item: T; readonly places: readonly number[] }[] {
  return items
    .flatMap((item) => {
      const match = fuzzyMatch(textOf(item), wanted);
      return match ? [{ item, ...match }] : [];
    })
    .sort((a, b) => b.score - a.score);
}
