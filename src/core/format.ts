/**
 * One spelling of every number that people read: on the page, in reports and on the command line. What is not a
 * number is `–`; the minus is the real one; between a number and its unit stands a space that does not break.
 */

const gap = '\u00a0';
const minus = '\u2212';
const notANumber = '\u2013';

/** `n` with a fixed number of decimals and a real minus; no `−0.0`. */
function fixed(n: number, decimals: number): string {
  if (Number.isNaN(n)) return notANumber;
  if (!Number.isFinite(n)) return n > 0 ? '∞' : `${minus}∞`;
  const text = Math.abs(n).toFixed(decimals);
  return n < 0 && Number(text) !== 0 ? minus + text : text;
}

/** About three digits and no exponent: 0.49, 1.80, 12.3, 468. */
function threeDigits(n: number): string {
  const size = Math.abs(n);
  return fixed(n, size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2);
}

/** About two digits behind the first: 0.88, 1.9, 12.3, 468. */
function twoDigits(n: number): string {
  const size = Math.abs(n);
  return fixed(n, size >= 99.95 ? 0 : size >= 0.995 ? 1 : 2);
}

/** NaN and the infinities take no unit. */
const isOdd = (n: number) => !Number.isFinite(n);

/** Bytes as `512 B`, `24.1 KiB`, `1.80 MiB`: steps of 1,024. */
export function formatBytes(bytes: number): string {
  const size = Math.abs(bytes);
  if (isOdd(bytes)) return fixed(bytes, 0);
  if (size < 999.5) return `${fixed(bytes, 0)}${gap}B`;
  if (size < 999.5 * 1024) return `${threeDigits(bytes / 1024)}${gap}KiB`;
  if (size < 999.5 * 1024 ** 2) return `${threeDigits(bytes / 1024 ** 2)}${gap}MiB`;
  return `${threeDigits(bytes / 1024 ** 3)}${gap}GiB`;
}

/** Counts as `576`, `46.8 k`, `468 k`, `0.88 M`, `1.9 M`, `1.2 G`. */
export function formatCount(count: number): string {
  const size = Math.abs(count);
  if (isOdd(count) || size < 999.5) return fixed(count, 0);
  if (size < 499_500) return `${twoDigits(count / 1e3)}${gap}k`;
  if (size < 499_500_000) return `${twoDigits(count / 1e6)}${gap}M`;
  return `${twoDigits(count / 1e9)}${gap}G`;
}

/** A whole number with separators: `1,024`. */
export function count(value: number): string {
  return String(value).replaceAll(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** A count with its word: `1 weight`, `3 weights`, `2 classes` where `several` says so. */
export function plural(value: number, word: string, several = `${word}s`): string {
  return `${count(value)} ${value === 1 ? word : several}`;
}

/** Milliseconds as `61 µs`, `0.83 ms`, `1.92 ms`, `1.2 s`. */
export function formatMs(ms: number): string {
  const size = Math.abs(ms);
  if (isOdd(ms)) return fixed(ms, 0);
  if (size < 0.0995) return `${fixed(ms * 1e3, size < 0.00995 ? 1 : 0)}${gap}µs`;
  if (size < 999.5) return `${threeDigits(ms)}${gap}ms`;
  return `${twoDigits(ms / 1e3)}${gap}s`;
}

/** A fraction as `52.1 %`. */
export function formatPercent(fraction: number, decimals = 1): string {
  return `${fixed(fraction * 100, decimals)}${gap}%`;
}

/** A number with its sign: `+4`, `−73`, `±0` when it rounds to nothing. */
function signed(n: number, decimals: number): string {
  const text = fixed(n, decimals);
  if (Number.isNaN(n) || text.startsWith(minus)) return text;
  return Number(text) === 0 ? `±${text}` : `+${text}`;
}

/** The change from `before` to `after` as `−73 %` or `+4.2 %`; `±0 %` when it rounds to nothing. */
export function formatChange(before: number, after: number): string {
  const percent = before === after ? 0 : (after / before - 1) * 100;
  const size = Math.abs(percent);
  return `${signed(percent, size >= 0.05 && size < 9.95 ? 1 : 0)}${gap}%`;
}

/** A difference of two fractions in percentage points, `−0.3 pt`. */
export function formatPoints(difference: number): string {
  return `${signed(difference * 100, 1)}${gap}pt`;
}

/** A ratio as `0.97×`, `1.31×`, `2.3×`, `12.4×`, `120×`. */
export function formatRatio(ratio: number): string {
  const size = Math.abs(ratio);
  return `${fixed(ratio, size >= 99.95 ? 0 : size >= 1.995 ? 1 : 2)}×`;
}

/** Decibels as `38.2 dB`; equal signals (Infinity) are `exact`. */
export function formatDb(db: number): string {
  return db === Infinity ? 'exact' : `${fixed(db, 1)}${gap}dB`;
}

/** A shape as `1×28×28×1`; unknown sizes are `?`, a shape without sizes is `scalar`. */
export function formatShape(shape: readonly number[]): string {
  return shape.length === 0 ? 'scalar' : shape.map((size) => (size < 0 ? '?' : String(size))).join('×');
}

/** A tensor type of the schema as people write it: `float32`, `int8`, `bool`. */
export function formatDtype(type: string): string {
  return type.toLowerCase();
}

/**
 * A number of any size with some significant digits, for scales and values: `0.00392157`, `1.5`, `3.94e−9`.
 * Whole numbers below 1e9 stay whole; else exponents below 1e-4 and where the digits do not reach the point.
 */
export function formatNumber(n: number, digits = 6): string {
  if (n === 0 || isOdd(n)) return fixed(n, 0);
  const size = Math.abs(n);
  if (Number.isInteger(n) && size < 1e9) return fixed(n, 0);
  const text = size < 1e-4 ? n.toExponential(digits - 1) : n.toPrecision(digits);
  const [mantissa = '', exponent] = text.split('e');
  const trimmed = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
  const tail = exponent === undefined ? '' : `e${exponent.replace('+', '')}`;
  return (trimmed + tail).replaceAll('-', minus);
}

/** A stretch of time to come, in words: `6 s`, `2 min`. */
export function formatDuration(ms: number): string {
  if (isOdd(ms)) return fixed(ms, 0);
  const seconds = Math.max(1, Math.round(ms / 1000));
  return seconds < 90 ? `${seconds}${gap}s` : `${Math.round(seconds / 60)}${gap}min`;
}
