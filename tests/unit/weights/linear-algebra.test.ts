import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cholesky,
  dampedCholesky,
  inverseFactor,
  inverseOf,
  meanDiagonal,
  solveRows,
  transposed,
} from '../../../src/core/optimize/quantize/weights/linear-algebra';
import { gaussians, naiveGram } from './samples';

/** A random symmetric positive definite matrix. */
function positiveDefinite(n: number, seed: number): Float64Array {
  const gram = naiveGram(gaussians(3 * n * n, seed), n);
  for (let i = 0; i < n; i++) gram[i * n + i]! += 0.1;
  return gram;
}

function product(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const result = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let k = 0; k < n; k++)
      for (let j = 0; j < n; j++) result[i * n + j]! += a[i * n + k]! * b[k * n + j]!;
  return result;
}

function expectClose(found: Float64Array, wanted: Float64Array): void {
  const size = wanted.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  found.forEach((value, i) => expect(Math.abs(value - wanted[i]!)).toBeLessThan(1e-10 * size));
}

const sizes = fc.record({ n: fc.integer({ min: 1, max: 23 }), seed: fc.nat(1e6) });

describe('Cholesky', () => {
  it('reproduces the matrix, with zeros above the diagonal', () => {
    fc.assert(
      fc.property(sizes, ({ n, seed }) => {
        const matrix = positiveDefinite(n, seed);
        const factor = cholesky(matrix, n)!;
        expectClose(product(factor, transposed(factor, n), n), matrix);
        for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) expect(factor[i * n + j]).toBe(0);
      }),
    );
  });

  it('solves, inverts and factors the inverse', () => {
    fc.assert(
      fc.property(sizes, ({ n, seed }) => {
        const matrix = positiveDefinite(n, seed);
        const factor = cholesky(matrix, n)!;
        const unit = Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
        const inverse = inverseOf(factor, n);
        expectClose(product(inverse, matrix, n), unit);
        const upper = inverseFactor(matrix, n)!;
        expectClose(product(transposed(upper, n), upper, n), inverse);
        const rows = Float64Array.from(gaussians(2 * n, seed + 1));
        const solved = rows.slice();
        solveRows(factor, n, solved, 2);
        const back = new Float64Array(2 * n);
        back.forEach((_, at) => {
          const [row, j] = [Math.floor(at / n), at % n];
          for (let k = 0; k < n; k++) back[at]! += solved[row * n + k]! * matrix[k * n + j]!;
        });
        expectClose(back, rows);
      }),
    );
  });

  it('refuses what is not positive definite or not finite', () => {
    expect(cholesky(Float64Array.of(1, 2, 2, 1), 2)).toBeNull();
    expect(cholesky(Float64Array.of(0), 1)).toBeNull();
    expect(cholesky(Float64Array.of(Number.NaN), 1)).toBeNull();
    expect(cholesky(Float64Array.of(Infinity), 1)).toBeNull();
  });

  it('takes dependent inputs with damping, as much as needed', () => {
    // One input twice: singular.
    const twice = Float64Array.of(1, 1, 1, 1);
    const factor = dampedCholesky(twice, 2)!;
    expectClose(product(factor, transposed(factor, 2), 2), Float64Array.of(1.01, 1, 1, 1.01));
    // Indefinite until 100 % are added (3 + 3 > 4).
    const indefinite = Float64Array.of(3, 4, 4, 3);
    expect(dampedCholesky(indefinite, 2)).not.toBeNull();
    expect(dampedCholesky(new Float64Array(4), 2)).toBeNull();
    expect(dampedCholesky(Float64Array.of(Number.NaN), 1)).toBeNull();
    expect(meanDiagonal(indefinite, 2)).toBe(3);
  });
});
