/** One spelling of every number that people read: on the page, in reports and on the command line. */

/** Between a number and its unit: a space that does not break. */
const gap = '\u00a0';
const minus = '\u2212';

/** `n` with about three digits and no exponent: 0.49, 1.80, 12.3, 468. */
function threeDigits(n: number): string {
  const size = Math.abs(n);
  const digits = size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  return n.toFixed(digits).replace('-', minus);
}

/** Bytes as `512 B`, `24.1 KiB`, `1.80 MiB`. */
export function formatBytes(bytes: number): string {
  const size = Math.abs(bytes);
  if (size < 1000) return `${String(bytes).replace('-', minus)}${gap}B`;
  if (size < 1000 * 1024) return `${threeDigits(bytes / 1024)}${gap}KiB`;
  if (size < 1000 * 1024 ** 2) return `${threeDigits(bytes / 1024 ** 2)}${gap}MiB`;
  return `${threeDigits(bytes / 1024 ** 3)}${gap}GiB`;
}

/** Counts as `576`, `46.8 k`, `0.88 M`, `1.20 G`. */
export function formatCount(count: number): string {
  const size = Math.abs(count);
  if (size < 1000) return String(Math.round(count)).replace('-', minus);
  if (size < 995_000) return `${threeDigits(count / 1e3)}${gap}k`;
  if (size < 995_000_000) return `${threeDigits(count / 1e6)}${gap}M`;
  return `${threeDigits(count / 1e9)}${gap}G`;
}

/** Milliseconds as `61 µs`, `1.92 ms`, `2.40 s`. */
export function formatMs(ms: number): string {
  const size = Math.abs(ms);
  if (size < 0.9995) return `${threeDigits(ms * 1e3)}${gap}µs`;
  if (size < 999.5) return `${threeDigits(ms)}${gap}ms`;
  return `${threeDigits(ms / 1e3)}${gap}s`;
}

/** A fraction as `52.1 %`. */
export function formatPercent(fraction: number, digits = 1): string {
  return `${(fraction * 100).toFixed(digits).replace('-', minus)}${gap}%`;
}

/** The change from `before` to `after` as `−73 %` or `+4 %`; `±0 %` when it rounds to nothing. */
export function formatChange(before: number, after: number): string {
  const percent = before === 0 ? 0 : (after / before - 1) * 100;
  const digits = Math.abs(percent) < 9.95 && Math.abs(percent) >= 0.05 ? 1 : 0;
  const text = Math.abs(percent).toFixed(digits);
  return `${Number(text) === 0 ? '±' : percent < 0 ? minus : '+'}${text}${gap}%`;
}

/** A difference of two fractions in percentage points, `−0.3 pt`. */
export function formatPoints(difference: number): string {
  const text = Math.abs(difference * 100).toFixed(1);
  return `${Number(text) === 0 ? '±' : difference < 0 ? minus : '+'}${text}${gap}pt`;
}

/** A ratio as `2.31×`. */
export function formatRatio(ratio: number): string {
  return `${threeDigits(ratio)}×`;
}

/** Decibels as `38.2 dB`; equal signals are `exact`. */
export function formatDb(db: number): string {
  return db === Infinity ? 'exact' : `${db.toFixed(1).replace('-', minus)}${gap}dB`;
}

/** A shape as `1 × 28 × 28 × 1`; unknown sizes are `?`, a scalar is `scalar`. */
export function formatShape(shape: readonly number[]): string {
  return shape.length === 0 ? 'scalar' : shape.map((size) => (size < 0 ? '?' : String(size))).join(' × ');
}

/** A stretch of time to come, in words: `6 s`, `2 min`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  if (seconds < 90) return `${seconds}${gap}s`;
  return `${Math.round(seconds / 60)}${gap}min`;
}
