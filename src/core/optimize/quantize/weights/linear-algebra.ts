/**
 * Cholesky and what follows from it, for symmetric matrices as Float64Array, row-major, [n, n]. Written here because the
 * libraries that have it use plain triple loops: the tiles make it about four times as fast.
 */
import { dotTile, roundUpToTile, TILE } from './dot-tile';

/**
 * The lower factor L of a symmetric positive definite matrix, a = L L^T, with zeros above the diagonal. Reads the lower
 * triangle only. Null when the matrix is not positive definite (or not finite).
 */
export function cholesky(a: Float64Array, n: number): Float64Array | null {
  const padded = roundUpToTile(n);
  const factor = new Float64Array(padded * padded);
  for (let i = 0; i < padded; i++) {
    if (i < n) factor.set(a.subarray(i * n, i * n + i + 1), i * padded);
    else factor[i * padded + i] = 1;
  }
  if (!choleskyInPlace(factor, padded)) return null;
  if (padded === n) return factor;
  const result = new Float64Array(n * n);
  for (let i = 0; i < n; i++) result.set(factor.subarray(i * padded, i * padded + i + 1), i * n);
  return result;
}

/**
 * Replaces the lower triangle of `a` by its Cholesky factor; what lies above the diagonal is neither read nor written.
 * `n` is a multiple of 4. False when the matrix is not positive definite; `a` is then spoilt.
 */
export function choleskyInPlace(a: Float64Array, n: number): boolean {
  const products = new Float64Array(TILE * TILE);
  // Row by row of tiles: each tile is what is left after the columns before it, solved against the diagonal tile.
  for (let row = 0; row < n; row += TILE) {
    for (let column = 0; column <= row; column += TILE) {
      products.fill(0);
      dotTile(a, row * n, n, a, column * n, n, column, products);
      for (let i = row; i < row + TILE; i++) {
        const last = Math.min(i, column + TILE - 1);
        for (let j = column; j <= last; j++) {
          let rest = a[i * n + j]! - products[(i - row) * TILE + j - column]!;
          for (let k = column; k < j; k++) rest -= a[i * n + k]! * a[j * n + k]!;
          if (i !== j) a[i * n + j] = rest / a[j * n + j]!;
          else if (rest > 0 && rest < Infinity) a[i * n + j] = Math.sqrt(rest);
          else return false;
        }
      }
    }
  }
  return true;
}

/** Shares of the mean of the diagonal that are added to it, one after the other, until the factor exists. */
const dampings = [0.01, 0.03, 0.1, 0.3, 1];

/** Mean of the diagonal of `a` [n, n]. */
export function meanDiagonal(a: Float64Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += a[i * n + i]!;
  return sum / n;
}

/**
 * Calls `factorWith` with the added diagonal (1 %, 3 %, 10 %, 30 %, 100 % of `meanOfDiagonal`) until it gives a result. Null
 * when none does, and when the mean is not above zero.
 */
export function withDamping<T>(meanOfDiagonal: number, factorWith: (added: number) => T | null): T | null {
  if (!(meanOfDiagonal > 0 && meanOfDiagonal < Infinity)) return null;
  for (const damping of dampings) {
    const result = factorWith(damping * meanOfDiagonal);
    if (result !== null) return result;
  }
  return null;
}

/** The lower factor of a + damping * I, with as much damping as it takes (`withDamping`). */
export function dampedCholesky(a: Float64Array, n: number): Float64Array | null {
  return withDamping(meanDiagonal(a, n), (added) => {
    const damped = a.slice();
    for (let i = 0; i < n; i++) damped[i * n + i] = damped[i * n + i]! + added;
    return cholesky(damped, n);
  });
}

/**
 * Solves x L L^T = b for each of the `rows` rows of `b` [rows, n], in place: x = b a^-1, with the factor of `cholesky`.
 */
export function solveRows(factor: Float64Array, n: number, b: Float64Array, rows: number): void {
  for (let row = 0; row < rows; row++) {
    const at = row * n;
    for (let i = 0; i < n; i++) {
      let rest = b[at + i]!;
      for (let k = 0; k < i; k++) rest -= factor[i * n + k]! * b[at + k]!;
      b[at + i] = rest / factor[i * n + i]!;
    }
    for (let i = n - 1; i >= 0; i--) {
      const value = b[at + i]! / factor[i * n + i]!;
      b[at + i] = value;
      // Rows of the factor are contiguous: take this unknown out of the equations before it.
      for (let k = 0; k < i; k++) b[at + k] = b[at + k]! - value * factor[i * n + k]!;
    }
  }
}

/** The inverse of the matrix whose lower factor is given. */
export function inverseOf(factor: Float64Array, n: number): Float64Array {
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++) inverse[i * n + i] = 1;
  solveRows(factor, n, inverse, n);
  return inverse;
}

/**
 * The upper factor U of the inverse of a symmetric positive definite matrix, a^-1 = U^T U, or null when `a` is not positive
 * definite. This is the matrix of the published GPTQ; `gptq` itself gets by without the inverse.
 */
export function inverseFactor(a: Float64Array, n: number): Float64Array | null {
  const factor = cholesky(a, n);
  const lower = factor && cholesky(inverseOf(factor, n), n);
  return lower && transposed(lower, n);
}

/** The transpose of a square matrix. */
export function transposed(a: Float64Array, n: number): Float64Array {
  const result = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) result[j * n + i] = a[i * n + j]!;
  }
  return result;
}
