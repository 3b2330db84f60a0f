/** What a layer is fed in two models at once, the original and a variant, and what follows for its weights. */
import type { LayerGeometry } from './geometry';
import { type InputMoments, LayerInputs } from './gram';
import { cholesky, meanDiagonal, solveRows } from './linear-algebra';

/** Gathers both inputs as one layer of twice the depth: first what the variant feeds, then what the original does. */
export class PairedInputs {
  readonly #inputs: LayerInputs;
  readonly #geometry: LayerGeometry;

  constructor(geometry: LayerGeometry, mostRows: number) {
    this.#geometry = geometry;
    this.#inputs = new LayerInputs({ ...geometry, depth: 2 * geometry.depth }, mostRows);
  }

  /** Adds one sample; both row-major in `shape`. */
  add(variant: Float32Array, original: Float32Array, shape: readonly number[]): void {
    const { window, depth } = this.#geometry;
    // Interleaved in runs of what one place gives to one group, so that each group sees its own two.
    const run = window === null ? depth : depth / (window.height * window.width);
    const both = new Float32Array(2 * variant.length);
    for (let from = 0, to = 0; from < variant.length; from += run, to += 2 * run) {
      both.set(variant.subarray(from, from + run), to);
      both.set(original.subarray(from, from + run), to + run);
    }
    const channels = shape.at(-1)!;
    this.#inputs.add(both, window === null ? [2 * both.length] : [...shape.slice(0, -1), 2 * channels]);
  }

  finish(): PairedMoments {
    return new PairedMoments(this.#geometry, this.#inputs.finish());
  }
}

/** Second moments of both inputs and across them. */
export class PairedMoments {
  readonly #geometry: LayerGeometry;
  readonly #both: InputMoments;
  /** Where input `i` of the variant and of the original lie among both. */
  readonly #variantAt: Int32Array;
  readonly #originalAt: Int32Array;

  constructor(geometry: LayerGeometry, both: InputMoments) {
    const { window, depth } = geometry;
    const run = window === null ? depth : depth / (window.height * window.width);
    this.#geometry = geometry;
    this.#both = both;
    this.#variantAt = Int32Array.from({ length: depth }, (_, i) => Math.floor(i / run) * 2 * run + (i % run));
    this.#originalAt = this.#variantAt.map((at) => at + run);
  }

  get rows(): number {
    return this.#both.rows;
  }

  /** The moments of what the variant feeds. */
  variant(): InputMoments {
    const { depth } = this.#geometry;
    const at = this.#variantAt;
    return {
      rows: this.#both.rows,
      grams: this.#both.grams.map((gram) => {
        const own = new Float64Array(depth * depth);
        for (let i = 0; i < depth; i++) {
          for (let j = 0; j < depth; j++) own[i * depth + j] = gram[at[i]! * 2 * depth + at[j]!]!;
        }
        return own;
      }),
      means: this.#both.means.map((mean) => Float64Array.from(at, (from) => mean[from]!)),
    };
  }

  /** Both moments, for rows made by `pair`. */
  get both(): InputMoments {
    return this.#both;
  }

  /** Rows [outputs, 2 depth] that give (variant weights . variant inputs) - (original weights . original inputs). */
  pair(variant: Float32Array, original: Float32Array): Float32Array {
    const { depth } = this.#geometry;
    const rows = new Float32Array(2 * variant.length);
    for (let row = 0; row * depth < variant.length; row++) {
      for (let i = 0; i < depth; i++) {
        rows[row * 2 * depth + this.#variantAt[i]!] = variant[row * depth + i]!;
        rows[row * 2 * depth + this.#originalAt[i]!] = -original[row * depth + i]!;
      }
    }
    return rows;
  }

  /**
   * Weights that give the original's outputs from the variant's inputs as nearly as any, for each damping: with H the second
   * moments of the variant's inputs around their means and C those across from the original's,
   * W + W (C - H) (H + damping * mean diagonal of H)^-1, the least squares solution drawn towards W where inputs hardly
   * vary. `weights` are rows [outputs, depth]. Groups of which nothing can be learnt keep their weights.
   */
  leastSquares(weights: Float32Array, dampings: readonly number[]): Float32Array[] {
    const { depth, groups, outputs } = this.#geometry;
    const results = dampings.map(() => weights.slice());
    const size = (outputs / groups) * depth;
    for (let group = 0; group < groups; group++) {
      const { own, lost } = this.#around(group);
      const part = weights.subarray(group * size, (group + 1) * size);
      const change = product(part, lost, depth);
      const diagonal = meanDiagonal(own, depth);
      dampings.forEach((damping, i) => {
        const damped = own.slice();
        for (let at = 0; at < damped.length; at += depth + 1) damped[at]! += damping * diagonal;
        const factor = diagonal > 0 ? cholesky(damped, depth) : null;
        if (factor === null) return;
        const solved = change.slice();
        solveRows(factor, depth, solved, outputs / groups);
        const result = results[i]!;
        solved.forEach((value, at) => (result[group * size + at]! += value));
      });
    }
    return results;
  }

  /** H of a group, and C - H. */
  #around(group: number): { readonly own: Float64Array; readonly lost: Float64Array } {
    const { depth } = this.#geometry;
    const gram = this.#both.grams[group]!;
    const mean = this.#both.means[group]!;
    const own = new Float64Array(depth * depth);
    const lost = new Float64Array(depth * depth);
    for (let i = 0, at = 0; i < depth; i++) {
      const [variant, original] = [this.#variantAt[i]!, this.#originalAt[i]!];
      for (let j = 0; j < depth; j++, at++) {
        const other = this.#variantAt[j]!;
        own[at] = gram[variant * 2 * depth + other]! - mean[variant]! * mean[other]!;
        lost[at] = gram[original * 2 * depth + other]! - mean[original]! * mean[other]! - own[at]!;
      }
    }
    return { own, lost };
  }
}

/** Rows [n, depth] times a matrix [depth, depth]. */
function product(rows: Float32Array, matrix: Float64Array, depth: number): Float64Array {
  const result = new Float64Array(rows.length);
  for (let from = 0; from < rows.length; from += depth) {
    for (let i = 0; i < depth; i++) {
      const value = rows[from + i]!;
      if (value === 0) continue;
      for (let j = 0, at = i * depth; j < depth; j++, at++) result[from + j]! += value * matrix[at]!;
    }
  }
  return result;
}
