/** Looks at a model and says what will cost accuracy, speed or bytes, and what to do about it. */
import { ModelError } from '../errors';
import { tensorPlace } from '../model/tensors';
import type { Model } from '../model/types';
import type { ModelStatistics } from '../optimize/calibrate/types';
import { lintRules } from './rules';
import { subjectOf } from './subject';
import type { Advice, LintRule, Remark } from './types';

/**
 * Advice about a model, warnings first, then in the order of `lintRules`. `statistics` are those of `collectStatistics`, or
 * null: rules about the ranges of activations then say only what the file alone tells. Takes time linear in the size of
 * the model. The model must have been checked (`openModel`).
 */
export function lintModel(model: Model, statistics: ModelStatistics | null): readonly Advice[] {
  const advice = model.subgraphs.flatMap((_, index) => {
    const subject = subjectOf(model, index, statistics?.get(index) ?? null);
    return lintRules.flatMap((rule) => remarksOf(rule, subject).map((remark) => place(rule, remark, index)));
  });
  return [
    ...advice.filter(({ severity }) => severity === 'warning'),
    ...advice.filter(({ severity }) => severity === 'hint'),
  ];
}

/** A rule that cannot read a part of the model (values in another file, an unknown format) has nothing to say. */
function remarksOf(rule: LintRule, subject: ReturnType<typeof subjectOf>): readonly Remark[] {
  try {
    return rule.look(subject);
  } catch (error) {
    if (error instanceof ModelError) return [];
    throw error;
  }
}

function place({ name }: LintRule, remark: Remark, subgraph: number): Advice {
  const { severity, message, advice, operators, tensors = [] } = remark;
  const operator = operators[0] ?? null;
  const tensor = tensors[0] ?? null;
  const where =
    operator !== null
      ? `subgraphs[${subgraph}].operators[${operator}]`
      : tensor !== null
        ? tensorPlace(subgraph, tensor)
        : `subgraphs[${subgraph}]`;
  return {
    rule: name,
    severity,
    subgraph,
    operator,
    tensor,
    where,
    message,
    advice,
    count: Math.max(1, operators.length, tensors.length),
    places: operators,
  };
}
