/** Small models for the rules, and what the rules say about them. */
import { lintModel } from '../../../src/core/lint/lint';
import type { Advice } from '../../../src/core/lint/types';
import { makeTable } from '../../../src/core/model/schema/tflite';
import type { BuiltinOptions, Model } from '../../../src/core/model/types';
import { StatisticsCollector } from '../../../src/core/optimize/calibrate/statistics';
import type { ModelStatistics } from '../../../src/core/optimize/calibrate/types';
import { buildModel, findTensor, type ModelPlan } from '../optimize/fixtures';

export function optionsOf(
  type: BuiltinOptions['type'],
  fields: Record<string, unknown> = {},
): BuiltinOptions {
  return { type, value: makeTable(type, fields) } as BuiltinOptions;
}

export const concatenation = optionsOf('ConcatenationOptions', { axis: 1 });
export const convolution = optionsOf('Conv2DOptions', { strideW: 1, strideH: 1 });

/** Statistics of the main subgraph as if these values had been seen in these tensors. */
export function statisticsOf(
  model: Model,
  values: Readonly<Record<string, readonly number[] | Float32Array>>,
): ModelStatistics {
  const tensors = Object.entries(values).map(([name, seen]) => {
    const collector = new StatisticsCollector();
    collector.add(Float32Array.from(seen));
    return [findTensor(model, name).index, collector.result()] as const;
  });
  return new Map([[0, new Map(tensors)]]);
}

/** What one rule says. */
export function adviceOf(
  plan: ModelPlan | Model,
  rule: string,
  statistics: ModelStatistics | null = null,
): readonly Advice[] {
  const model = 'tensors' in plan ? buildModel(plan) : plan;
  return lintModel(model, statistics).filter((advice) => advice.rule === rule);
}

/** The one thing that a rule says, its message with ordinary spaces. */
export function onlyAdvice(
  plan: ModelPlan | Model,
  rule: string,
  statistics: ModelStatistics | null = null,
): Advice {
  const found = adviceOf(plan, rule, statistics);
  if (found.length !== 1) throw new Error(`${found.length} remarks of ${rule}`);
  return { ...found[0]!, message: found[0]!.message.replaceAll('\u00a0', ' ') };
}
