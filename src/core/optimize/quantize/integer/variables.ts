/** Resource variables as integers: every read and every assignment of one variable shares a scale. */
import { type OperatorView, optionsOf } from '../../../ops';
import { chooseRange } from '../../calibrate/ranges';
import type { ActivationStatistics, ModelStatistics, ValueRange } from '../../calibrate/types';
import { type Graph, graphOf } from './graph';
import { scaleFor, type TensorScale } from './scale';
import { rangeOfValues } from './scales';
import type { ActivationType, OperatorSettings } from './settings';
import type { Model } from '../../../model/types';

/** Scales of the variables that become integers. */
export interface VariableScales {
  /** The scale of the variable that a READ_VARIABLE or ASSIGN_VARIABLE is about; null when it stays float. */
  scaleAt(subgraph: number, operator: number): TensorScale | null;
  /** Assignments of constants outside the planned subgraphs (initial values), which must change with the rest. */
  readonly initializers: readonly VariableUse[];
}

export interface VariableUse {
  readonly graph: Graph;
  readonly operator: number;
  /** The constant that is assigned; null for a computed value or a read. */
  readonly constant: number | null;
  /** The float32 tensor that is read or assigned. */
  readonly tensor: number;
  readonly variable: string;
}

/** For models without variables, and where nobody has looked. */
export const noVariables: VariableScales = { scaleAt: () => null, initializers: [] };

/**
 * Finds the variables of which every use can be an integer: reads and assignments in planned subgraphs, and constants
 * assigned anywhere. `statistics` null: before any sample was run.
 */
export function planVariables(
  model: Model,
  planned: readonly number[],
  settingsAt: (subgraph: number, operator: number) => OperatorSettings | null,
  statistics: ModelStatistics | null,
): VariableScales {
  const uses = model.subgraphs.flatMap((_, subgraph) => usesIn(graphOf(model, subgraph)));
  if (uses.length === 0) return noVariables;
  const scales = new Map<string, TensorScale>();
  for (const variable of new Set(uses.map((use) => use.variable))) {
    const own = uses.filter((use) => use.variable === variable);
    const scale = commonScale(own, planned, settingsAt, statistics);
    if (scale) scales.set(variable, scale);
  }
  const known = new Map(uses.map((use) => [`${use.graph.index}/${use.operator}`, use]));
  return {
    scaleAt: (subgraph, operator) => scales.get(known.get(`${subgraph}/${operator}`)?.variable ?? '') ?? null,
    initializers: uses.filter(
      ({ graph, variable }) => !planned.includes(graph.index) && scales.has(variable),
    ),
  };
}

function usesIn(graph: Graph): VariableUse[] {
  return graph.views.flatMap((view, operator) => {
    const isRead = view.kind === 'READ_VARIABLE';
    if (!isRead && view.kind !== 'ASSIGN_VARIABLE') return [];
    const tensor = (isRead ? view.operator.outputs[0] : view.operator.inputs[1]) ?? -1;
    const constant = isRead ? null : graph.constantOf(tensor);
    return [{ graph, operator, constant, tensor, variable: variableOf(graph, view) ?? '' }];
  });
}

/** What tells a variable from others: its container and name, as the VAR_HANDLE says; null when that is not known. */
function variableOf(graph: Graph, view: OperatorView): string | null {
  const handle = graph.writer[view.operator.inputs[0] ?? -1] ?? -1;
  const options = handle < 0 ? null : optionsOf(graph.views[handle]!, 'VarHandleOptions');
  return options && `${options.container ?? ''}/${options.sharedName ?? ''}`;
}

function commonScale(
  uses: readonly VariableUse[],
  planned: readonly number[],
  settingsAt: (subgraph: number, operator: number) => OperatorSettings | null,
  statistics: ModelStatistics | null,
): TensorScale | null {
  let dtype: ActivationType | null = null;
  let range: ValueRange = { min: 0, max: 0 };
  for (const { graph, operator, constant, tensor, variable } of uses) {
    if (variable === '' || graph.subgraph.tensors[tensor]?.type !== 'FLOAT32') return null;
    const isPlanned = planned.includes(graph.index);
    if (!isPlanned && constant === null) return null;
    if (isPlanned) {
      const settings = settingsAt(graph.index, operator);
      if (settings === null || (dtype !== null && settings.activations !== dtype)) return null;
      dtype = settings.activations;
    }
    const own =
      constant === null
        ? seenRange(
            statistics?.get(graph.index) ?? null,
            tensor,
            statistics === null,
            settingsAt(graph.index, operator),
          )
        : rangeOfValues(graph.constantValues(constant));
    if (own === null) return null;
    range = { min: Math.min(range.min, own.min), max: Math.max(range.max, own.max) };
  }
  return dtype && scaleFor(range, dtype);
}

function seenRange(
  statistics: ActivationStatistics | null,
  tensor: number,
  isPlan: boolean,
  settings: OperatorSettings | null,
): ValueRange | null {
  if (isPlan) return { min: -1, max: 1 };
  const seen = statistics?.get(tensor);
  if (!seen || seen.count === 0 || seen.nonFinite > 0 || !settings) return null;
  return chooseRange(seen, settings.ranges, settings.activations === 'INT8' ? 8 : 16);
}
