/** Static integer quantization: activations and weights as integers, with ranges measured on samples. */
import { ModelError } from '../../../errors';
import { identityMapping } from '../../mapping';
import type { Pass, PassResult } from '../../types';
import { buildInteger, planModel } from './build';
import { improve } from './improve';
import { nearestConstants } from './nearest';
import { reportInteger } from './report';
import { integerOptions, modelSettings } from './settings';
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
    const settings = modelSettings(options);
    const { calibration } = context;
    if (context.isPlan) {
      const plans = planModel(model, null, context);
      if (!plans.some(hasWork)) return nothing(plans);
      const constants = nearestConstants(plans);
      const written = writeInteger(model, plans, settings, constants);
      return { ...written, report: reportInteger(model, plans, written, constants, []) };
    }
    if (calibration === null) {
      throw new ModelError(
        'bad-data',
        'Integer quantization needs samples to measure the ranges of activations: add data that fit the model (on the command line --calibrate DATA).',
      );
    }
    const first = await buildInteger(model, settings, calibration, context);
    if (!first.plans.some(hasWork)) return nothing(first.plans);
    const { build, notes, suggested } = await improve(model, first, settings, calibration, context);
    const { written, plans, constants, rescaled } = build;
    const { dataset, samples } = calibration.set;
    const hasMore = suggested !== null && samples.length < dataset.sampleCount;
    const report = {
      ...reportInteger(model, plans, written, constants, notes),
      ...(rescaled.length > 0 ? { rescaled } : {}),
      calibratedOn: { dataName: dataset.name, samples },
      ...(hasMore ? { suggestedSamples: Math.min(suggested, dataset.sampleCount) } : {}),
    };
    return { model: written.model, mapping: written.mapping, report };

    function nothing(plans: Parameters<typeof reportInteger>[1]): PassResult {
      return { model, report: reportInteger(model, plans, null, null, []), mapping: identityMapping(model) };
    }
  },
};

function hasWork({ decisions }: ReturnType<typeof planModel>[number]): boolean {
  return decisions.some(({ dtype }) => dtype !== null);
}
