/** The layers that a search decides about, and a recipe for any choice of schemes. */
import { operatorEntry } from '../report';
import { isWeightUse, findConstants } from '../constants';
import { elementCount } from '../../model/tensors';
import type { Model } from '../../model/types';
import { viewSubgraph } from '../../ops';
import type { Override, Recipe } from '../types';
import type { Scheme } from './types';

export interface SearchLayer {
  readonly operator: number;
  readonly kind: string;
  readonly name: string;
  /** Weights that it reads. */
  readonly elements: number;
}

/** A scheme for each layer, by operator of the main subgraph. */
export type Assignment = ReadonlyMap<number, Scheme>;

/** Operators of the main subgraph with float weights of at least `minElements`, in order. */
export function searchLayers(model: Model, minElements = 1): SearchLayer[] {
  const elements = new Map<number, number>();
  for (const { subgraph, tensor, uses } of findConstants(model)) {
    if (subgraph !== 0 || (tensor.type !== 'FLOAT32' && tensor.type !== 'FLOAT16')) continue;
    for (const use of uses.filter(isWeightUse)) {
      elements.set(use.operator, (elements.get(use.operator) ?? 0) + elementCount(tensor));
    }
  }
  return [...elements]
    .filter(([, count]) => count >= minElements)
    .sort(([a], [b]) => a - b)
    .map(([operator, count]) => {
      const { kind, name } = operatorEntry(model, 'changed', 0, operator, '');
      return { operator, kind: kind ?? '', name, elements: count };
    });
}

/** How integer steps round: everything that was fitted to samples, or plainly and fast. */
export type Rounding = 'fitted' | 'plain';

/**
 * The recipe that gives each layer its scheme. Operators between layers compute as the layer before them does, so that few
 * conversions are needed; those without a layer before them as the one behind. `rest` is what operators without
 * any layer around them become.
 */
export function mixedRecipe(
  model: Model,
  name: string,
  assignment: Assignment,
  rounding: Rounding,
  rest: Scheme = 'float32',
): Recipe {
  const chosen = spread(model, assignment, rest);
  const used = new Set(chosen);
  const fitted = { rounding: 'gptq', clip: 'mse', correctBias: true, trimLogits: true };
  const steps: Recipe['steps'][number][] = [{ pass: 'clean-up' }];
  const isInteger = (scheme: Scheme) => scheme === 'int8' || scheme === 'int16x8' || scheme === 'int4';
  if (chosen.some(isInteger)) {
    steps.push({ pass: 'integer', ...(rounding === 'fitted' ? { options: fitted } : {}) });
  }
  if (used.has('dynamic')) steps.push({ pass: 'dynamic-range' });
  if (used.has('float16')) steps.push({ pass: 'float16' });
  const overrides = steps.slice(1).flatMap(({ pass }) => overridesFor(pass, chosen));
  return { name, version: 1, steps, ...(overrides.length > 0 ? { overrides } : {}) };
}

const integerOptions: Readonly<Partial<Record<Scheme, Override['options']>>> = {
  int16x8: { activations: 'int16' },
  int4: { weights: 'int4' },
};

/** One override for each operator that a step treats otherwise than most. */
function overridesFor(pass: string, chosen: readonly Scheme[]): Override[] {
  const takes = (scheme: Scheme): boolean =>
    pass === 'integer'
      ? scheme === 'int8' || scheme === 'int16x8' || scheme === 'int4'
      : scheme === (pass === 'dynamic-range' ? 'dynamic' : 'float16');
  const isMostlyTaken = chosen.filter(takes).length * 2 > chosen.length;
  // Operators of other subgraphs, and those that a step adds, follow the same rule as most.
  const base: Override[] = isMostlyTaken ? [] : [{ match: { name: '' }, pass, skip: true }];
  return [
    ...base,
    ...chosen.flatMap((scheme, operator): Override[] => {
      const match = { subgraph: 0, operator };
      const isTaken = takes(scheme);
      const options = isTaken && pass === 'integer' ? integerOptions[scheme] : undefined;
      if (isTaken === isMostlyTaken && options === undefined) return [];
      return [
        {
          match,
          pass,
          ...(isTaken === isMostlyTaken ? {} : { skip: !isTaken }),
          ...(options ? { options } : {}),
        },
      ];
    }),
  ];
}

/** A scheme for every operator of the main subgraph. */
function spread(model: Model, assignment: Assignment, rest: Scheme): Scheme[] {
  const views = viewSubgraph(model, 0);
  const { tensors } = model.subgraphs[0]!;
  const writer = new Int32Array(tensors.length).fill(-1);
  views.forEach(({ operator }, index) => operator.outputs.forEach((tensor) => (writer[tensor] = index)));
  const found = new Map<number, Scheme>(assignment);
  const activation = (scheme: Scheme): Scheme =>
    scheme === 'int4' ? 'int8' : scheme === 'dynamic' || scheme === 'float16' ? 'float32' : scheme;
  views.forEach(({ operator }, index) => {
    if (found.has(index)) return;
    const before = Array.from(operator.inputs).flatMap((tensor) => {
      const scheme = found.get(writer[tensor] ?? -1);
      return scheme === undefined ? [] : [activation(scheme)];
    });
    // With inputs of several schemes the widest type loses nothing.
    const wanted = (['float32', 'int16x8', 'int8'] as const).find((scheme) => before.includes(scheme));
    if (wanted !== undefined) found.set(index, wanted);
  });
  for (let index = views.length - 1; index >= 0; index--) {
    if (found.has(index)) continue;
    const outputs = new Set(views[index]!.operator.outputs);
    const reader = views.findIndex(
      ({ operator }, other) => found.has(other) && operator.inputs.some((tensor) => outputs.has(tensor)),
    );
    found.set(index, reader >= 0 ? activation(found.get(reader)!) : activation(rest));
  }
  return views.map((_, index) => found.get(index)!);
}
