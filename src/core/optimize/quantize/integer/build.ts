/** From a float model and its samples to an integer model: measure, plan, round, write. */
import type { Model } from '../../../model/types';
import { collectStatistics } from '../../calibrate/collect';
import type { TraceContext } from '../../calibrate/trace-run';
import type { Calibration, ModelStatistics } from '../../calibrate/types';
import type { PassContext, RescaledTensor } from '../../types';
import { type FittedConstants, fitConstants } from './fitted';
import { planSubgraph, type SubgraphPlan } from './plan';
import { type ModelSettings, operatorSettings } from './settings';
import { planVariables } from './variables';
import { type IntegerModel, type OperatorConstants, writeInteger } from './write';

export interface IntegerBuild {
  /** The float model that was built from. */
  readonly source: Model;
  readonly statistics: ModelStatistics;
  readonly plans: readonly SubgraphPlan[];
  /** Constants before biases were corrected, and as they are written. */
  readonly base: OperatorConstants;
  readonly constants: OperatorConstants;
  /** What was added to biases, by operator of the main subgraph. */
  readonly corrections: ReadonlyMap<number, Float64Array>;
  /** Mean change of each layer's outputs by the rounding of its weights, by operator of the main subgraph. */
  readonly shifts: ReadonlyMap<number, Float64Array>;
  readonly written: IntegerModel;
  /** Tensors whose channels were scaled in `source`; empty for the model as it was given. */
  readonly rescaled: readonly RescaledTensor[];
}

/**
 * Builds the integer form of a model.
 * @throws ModelError what `collectStatistics` throws
 */
export async function buildInteger(
  model: Model,
  settings: ModelSettings,
  calibration: Calibration,
  context: Pick<PassContext, 'optionsFor'> & TraceContext,
): Promise<IntegerBuild> {
  const statistics = await collectStatistics(model, calibration, context);
  const plans = planModel(model, statistics, context);
  const constants: FittedConstants = await fitConstants(model, plans, settings, calibration, context);
  const written = writeInteger(model, plans, settings, constants);
  return {
    source: model,
    statistics,
    plans,
    base: constants,
    constants,
    corrections: new Map(),
    shifts: constants.shifts,
    written,
    rescaled: [],
  };
}

/** Plans of the subgraphs that have statistics; before any were measured, of the main one and those that signatures name. */
export function planModel(
  model: Model,
  statistics: ModelStatistics | null,
  context: Pick<PassContext, 'optionsFor'>,
): SubgraphPlan[] {
  const named = (model.signatureDefs ?? []).map(({ subgraphIndex }) => subgraphIndex);
  const planned = [...new Set(statistics?.keys() ?? [0, ...named])].sort((a, b) => a - b);
  const settingsAt = (subgraph: number, operator: number) => {
    const options = context.optionsFor(subgraph, operator);
    return options && operatorSettings(options);
  };
  const variables = planVariables(model, planned, settingsAt, statistics);
  return planned.map((subgraph) =>
    planSubgraph(model, subgraph, statistics?.get(subgraph) ?? null, variables, context),
  );
}
