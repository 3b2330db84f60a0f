/** Levels that have been laid out, so that equal ones (repeated blocks, or all that a click left as it was) are not again. */
import { layoutLevel, type LaidLevel, type Level } from './level';

/** Layouts for which a level is remembered after it was last needed. */
const REMEMBERED_LAYOUTS = 4;

interface Remembered {
  readonly level: Level;
  readonly laid: LaidLevel;
  lastUse: number;
}

/**
 * Laid out levels by what they hold. A level's layout depends on nothing but the level, so the result is the same
 * with and without a memory. What none of the last four layouts needed is forgotten.
 */
export class LevelMemory {
  /** Levels laid out, and levels found equal to one laid out before, since the memory was made. */
  laidOut = 0;
  recalled = 0;
  #layouts = 0;
  readonly #byHash = new Map<number, Remembered[]>();

  /** Tells that another layout begins, and forgets what has not been needed for some. */
  beginLayout(): void {
    this.#layouts++;
    for (const [hash, list] of this.#byHash) {
      const kept = list.filter(({ lastUse }) => this.#layouts - lastUse <= REMEMBERED_LAYOUTS);
      if (kept.length === 0) this.#byHash.delete(hash);
      else if (kept.length < list.length) this.#byHash.set(hash, kept);
    }
  }

  /** The level laid out: as remembered, or now. The result must not be changed. */
  layout(level: Level): LaidLevel {
    const hash = hashLevel(level);
    const list = this.#byHash.get(hash) ?? [];
    const known = list.find((other) => isEqual(other.level, level));
    if (known) {
      known.lastUse = this.#layouts;
      this.recalled++;
      return known.laid;
    }
    const laid = layoutLevel(level);
    this.laidOut++;
    list.push({ level, laid, lastUse: this.#layouts });
    this.#byHash.set(hash, list);
    return laid;
  }
}

function listsOf(level: Level) {
  return [
    level.side,
    level.depth,
    level.left,
    level.right,
    level.band,
    level.from,
    level.upper,
    level.lower,
    level.isReversed,
    level.trunk,
    level.upperOffset,
    level.lowerOffset,
  ];
}

/** A number of 32 bits; lengths are rounded, which makes equal hashes no rarer. */
function hashLevel(level: Level): number {
  let hash = level.count;
  for (const list of listsOf(level)) {
    hash = Math.imul(hash ^ list.length, 0x01000193);
    for (const value of list) hash = Math.imul(hash ^ Math.round(value), 0x01000193);
  }
  return hash;
}

function isEqual(a: Level, b: Level): boolean {
  if (a.count !== b.count) return false;
  const others = listsOf(b);
  return listsOf(a).every((list, i) => {
    const other = others[i]!;
    if (list.length !== other.length) return false;
    for (let k = 0; k < list.length; k++) if (list[k] !== other[k]) return false;
    return true;
  });
}
