/** Samples to run a model on. */
import type { TensorData } from '../tensor-data';

/** How stored numbers become the real values that the model was trained on. */
export type ScaleRule =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'affine';
      readonly label: 'x/255' | 'x/127.5-1';
      readonly divisor: number;
      readonly offset: number;
    }
  | { readonly kind: 'mean-std'; readonly mean: readonly number[]; readonly std: readonly number[] }
  | { readonly kind: 'metadata' };

export interface Dataset {
  readonly name: string;
  /** One entry per model input; the first dimension of each is the sample count. */
  readonly inputs: readonly TensorData[];
  readonly inputNames: readonly (string | null)[];
  readonly sampleCount: number;
  /** Class index of each sample, or null when there are no labels. */
  readonly labels: Int32Array | null;
  /** Names of the classes, or null. */
  readonly classNames: readonly string[] | null;
  /** True for generated values, which say nothing about accuracy. */
  readonly isRandom: boolean;
}
