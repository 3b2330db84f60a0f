/** Static integer quantization: activations and weights as integers, with ranges measured on samples. */
import { ModelError } from '../../../errors';
import type { Model } from '../../../model/types';
import { collectStatistics } from '../../calibrate/collect';
import type { ModelStatistics } from '../../calibrate/types';
import { identityMapping } from '../../mapping';
import type { Pass, PassContext, PassResult } from '../../types';
import { modelSettings, integerOptions } from './settings';
import { planSubgraph, type SubgraphPlan } from './plan';
import { reportInteger } from './report';
import { nearestConstants } from './nearest';
import { writeInteger } from './write';

export const integer: Pass = {
  name: 'integer',
  title: 'Integer',
  description:
    'Activations and weights as integers, so that every operator with an integer kernel computes with them. The ranges of activations are measured by running your samples. What has no integer kernel stays float, and is named.',
  isLossless: false,
  needsSamples: true,
  options: integerOptions,
  async run(model, options, context): Promise<PassResult> {
    const statistics = await measure(model, context);
    const plans = planModel(model, statistics, context);
    const settings = modelSettings(options);
    const hasWork = plans.some(({ decisions }) => decisions.some(({ dtype }) => dtype !== null));
    if (!hasWork) {
      const report = reportInteger(model, plans, null, null);
      return { model, report, mapping: identityMapping(model) };
    }
    const constants = nearestConstants(plans);
    const written = writeInteger(model, plans, settings, constants);
    return {
      model: written.model,
      mapping: written.mapping,
      report: reportInteger(model, plans, written, constants),
    };
  },
};

/** Statistics of the activations; null for a plan. */
async function measure(model: Model, context: PassContext): Promise<ModelStatistics | null> {
  if (context.isPlan) return null;
  if (context.calibration === null) {
    throw new ModelError(
      'bad-data',
      'Integer quantization needs samples to measure the ranges of activations: add data that fit the model (on the command line --calibrate DATA).',
    );
  }
  return collectStatistics(model, context.calibration, {
    progress: (done, total, label) => context.progress(done, total, label),
    signal: context.signal,
  });
}

/** Plans of the subgraphs that have statistics; for a plan without, of the main one and those that signatures name. */
export function planModel(
  model: Model,
  statistics: ModelStatistics | null,
  context: Pick<PassContext, 'optionsFor'>,
): SubgraphPlan[] {
  const indexes = new Set(
    statistics?.keys() ?? [0, ...(model.signatureDefs ?? []).map((one) => one.subgraphIndex)],
  );
  return [...indexes]
    .sort((a, b) => a - b)
    .map((subgraph) => planSubgraph(model, subgraph, statistics?.get(subgraph) ?? null, context));
}
