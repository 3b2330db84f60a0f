/** What looking at a model gives: advice, and the rules that give it. */
import type { ActivationStatistics, ValueRange } from '../optimize/calibrate/types';
import type { Graph } from '../optimize/quantize/integer/graph';
import type { Layer } from './layers';

export type Severity = 'warning' | 'hint';

/** One remark about a model. Places of one kind share a remark, so that lists stay short. */
export interface Advice {
  /** Name of the rule, e.g. `concat-ranges`. */
  readonly rule: string;
  /** `warning`: costs accuracy, time or bytes for nothing, or a reader of the file refuses it; `hint`: good to know. */
  readonly severity: Severity;
  readonly subgraph: number;
  /** The first or worst place: an operator, or a tensor that no operator stands for; both null for the model as a whole. */
  readonly operator: number | null;
  readonly tensor: number | null;
  /** The same place as text, e.g. `subgraphs[0].operators[12]`. */
  readonly where: string;
  /** What is the case, with figures. */
  readonly message: string;
  /** What to do about it. */
  readonly advice: string;
  /** How many places, at least 1. */
  readonly count: number;
  /** The operators, the one of `operator` first; empty where no operator is meant. */
  readonly places: readonly number[];
}

/** What a rule says; rule and subgraph are added to it. */
export interface Remark {
  readonly severity: Severity;
  readonly message: string;
  readonly advice: string;
  /** Operators, the worst or first one first. */
  readonly operators: readonly number[];
  /** The tensors, where a tensor says more than the operator. */
  readonly tensors?: readonly number[];
}

/** A subgraph as the rules see it. What is costly is worked out when first asked for. */
export interface Subject {
  readonly graph: Graph;
  /** How the float32 activations are spread; null when no samples were run. */
  readonly statistics: ActivationStatistics | null;
  /** Whether activations are integers with a scale. */
  readonly isQuantized: boolean;
  /** Convolutions and fully-connected operators with constant weights. */
  readonly layers: readonly Layer[];
  /** Bounds of a tensor's real values that the file alone tells, or null. */
  readonly staticRange: (tensor: number) => ValueRange | null;
}

export interface LintRule {
  /** kebab-case. */
  readonly name: string;
  readonly title: string;
  /** What it looks for and why, in one sentence. */
  readonly explanation: string;
  look(subject: Subject): readonly Remark[];
}
