/** The contract between recipes, passes and their reports. */
import type { Model } from '../model/types';
import type { Calibration } from './calibrate/types';

/** One option of a pass: enough to validate it, to draw its control and to document it. */
export type OptionSpec = OptionKind & {
  /** Wanted seldom: shown only when asked for. */
  readonly isAdvanced?: boolean;
  /** Holds for the model as a whole: single operators have no value of their own. */
  readonly isWholeStep?: boolean;
};

type OptionKind =
  | { readonly kind: 'boolean'; readonly preset: boolean; readonly label: string; readonly hint: string }
  | {
      readonly kind: 'number';
      readonly preset: number;
      readonly min: number;
      readonly max: number;
      readonly step: number;
      readonly unit: string | null;
      readonly label: string;
      readonly hint: string;
    }
  | {
      readonly kind: 'choice';
      readonly preset: string;
      readonly choices: readonly { readonly value: string; readonly label: string }[];
      readonly label: string;
      readonly hint: string;
    };

export type OptionValue = boolean | number | string;
export type Options = Readonly<Record<string, OptionValue>>;

/** Which operators an override speaks of; all given conditions must hold. */
export interface OperatorMatch {
  /** Regular expression searched in the names of the operator's outputs. */
  readonly name?: string;
  /** Operator kind as in the schema, e.g. `CONV_2D`. */
  readonly kind?: string;
  /** Operator index in its subgraph. */
  readonly operator?: number;
  /** Subgraph index; absent means any. */
  readonly subgraph?: number;
}

/** Changes options of a step for some operators, or leaves them out of it. Later overrides win. */
export interface Override {
  readonly match: OperatorMatch;
  /** Pass name; absent means every step. */
  readonly pass?: string;
  readonly skip?: boolean;
  readonly options?: Options;
}

export interface RecipeStep {
  readonly pass: string;
  readonly options?: Options;
}

/** An ordered list of passes as JSON. `version` is the version of this format: 1. */
export interface Recipe {
  readonly name: string;
  readonly version: 1;
  readonly description?: string;
  readonly steps: readonly RecipeStep[];
  readonly overrides?: readonly Override[];
}

/** Old operator to new ones: `mapping[subgraph][oldOperator]` lists the new operators' indexes, empty when removed. */
export type OperatorMapping = readonly (readonly (readonly number[])[])[];

export type ReportAction = 'changed' | 'skipped' | 'removed' | 'added';

/** What a pass did to one tensor or operator, or why it left it. Indexes are those of the model it was given. */
export interface ReportEntry {
  readonly action: ReportAction;
  readonly subgraph: number;
  readonly operator: number | null;
  /** The same operator in the model that the recipe started from; null where it has none, absent until a recipe ran. */
  readonly originalOperator?: number | null;
  readonly tensor: number | null;
  /** Operator kind (e.g. `CONV_2D`) or null. */
  readonly kind: string | null;
  /** Name of the tensor, or of the operator's first output. */
  readonly name: string;
  /** A short reason in plain words: "int8, one scale per channel", "576 elements, fewer than 1,024". */
  readonly detail: string;
  readonly beforeBytes: number | null;
  readonly afterBytes: number | null;
}

export interface PassReport {
  readonly pass: string;
  readonly entries: readonly ReportEntry[];
  /** One sentence for the step's card: "3 of 5 weights to int8". */
  readonly summary: string;
  /** What else is worth knowing, in whole sentences: corrections that were kept or not, and whether samples sufficed. */
  readonly notes?: readonly string[];
  /** The samples that the step learned from, as indexes into the dataset of that name. */
  readonly calibratedOn?: CalibratedOn;
  /** Samples that would probably have settled the ranges; absent where there were enough. */
  readonly suggestedSamples?: number;
  /** Tensors of the main subgraph whose channels the step scaled. */
  readonly rescaled?: readonly RescaledTensor[];
}

/**
 * A tensor that holds other values than in the original although the model computes the same: channel c of its last axis is
 * original / divisors[c] - shifts[c].
 */
export interface RescaledTensor {
  readonly name: string;
  readonly divisors: readonly number[];
  readonly shifts: readonly number[];
}

export interface CalibratedOn {
  readonly dataName: string;
  readonly samples: readonly number[];
}

export interface CancelSignal {
  readonly aborted: boolean;
  throwIfAborted(): void;
}

export interface PassContext {
  /** Seeded, uniform in [0, 1). */
  readonly random: () => number;
  progress(done: number, total: number, label: string): void;
  readonly signal: CancelSignal | null;
  /** Options of this step for an operator after overrides, or null when it is left out. */
  optionsFor(subgraph: number, operator: number): Options | null;
  /** Samples and a runtime to learn from; null where none were given. */
  readonly calibration: Calibration | null;
  /** Only the plan is wanted: nothing is run on samples, and figures that need them are left open. */
  readonly isPlan: boolean;
}

export interface PassResult {
  readonly model: Model;
  readonly report: PassReport;
  readonly mapping: OperatorMapping;
}

/** One optimisation: its words, its options, and the pure function. */
export interface Pass {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** True when the outputs stay the same to the bit. */
  readonly isLossless: boolean;
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** True when it needs samples to run (not to plan). */
  readonly needsSamples?: boolean;
  run(model: Model, options: Options, context: PassContext): PassResult | Promise<PassResult>;
}
