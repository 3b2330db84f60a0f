/** Two models side by side: the one that is shown and another. */
import { composeMappings, invertMapping } from '../core/optimize/mapping';
import type { OperatorMapping } from '../core/optimize/types';
import type { Selection, Spot } from './history.svelte';
import { Variant, type OpenModel } from './models.svelte';
import type { Workbench } from './workbench.svelte';

export interface ModelPair {
  /** Shown at the left. */
  readonly before: OpenModel;
  readonly after: OpenModel;
}

export class Pairing {
  #beforeId = $state<string | null>(null);
  #afterId = $state<string | null>(null);
  #isSynced = $state(true);

  /** Whether both cameras move together. */
  get isSynced(): boolean {
    return this.#isSynced;
  }
  sync(isSynced: boolean): void {
    this.#isSynced = isSynced;
  }

  /** The pair, as long as both are open and the active model is one of them; else null. */
  pairOf({ workspace, active }: Workbench): ModelPair | null {
    const before = workspace.find(this.#beforeId);
    const after = workspace.find(this.#afterId);
    return before && after && (active === before || active === after) ? { before, after } : null;
  }

  /** Shows the active model beside another: an original at the left of what was made from it. */
  start({ active }: Workbench, other: OpenModel): void {
    if (!active || active === other) return;
    const isBefore = other instanceof Variant && other.originalId === active.id;
    this.#beforeId = isBefore ? active.id : other.id;
    this.#afterId = isBefore ? other.id : active.id;
  }
  /** Shows another model on one side. */
  change(workbench: Workbench, side: 'before' | 'after', id: string): void {
    const pair = this.pairOf(workbench);
    if (!pair || !workbench.workspace.find(id)) return;
    const wasActive = workbench.active === pair[side];
    if (side === 'before') this.#beforeId = id;
    else this.#afterId = id;
    if (wasActive) workbench.activate(id);
  }
  stop(): void {
    this.#beforeId = null;
    this.#afterId = null;
  }
}

/** Models that the active one can be compared with: what belongs to it first. */
export function counterparts({ workspace, active }: Workbench): OpenModel[] {
  if (!active) return [];
  const original = workspace.originalOf(active);
  const others = workspace.models.filter((model) => model !== active);
  const isRelated = (model: OpenModel) => workspace.originalOf(model) === original;
  return [...others.filter(isRelated), ...others.filter((model) => !isRelated(model))];
}

/** What the passes made of each operator, for two models of one original; null for others. */
export function mappingBetween({ before, after }: ModelPair): OperatorMapping | null {
  const isOf = (variant: OpenModel, original: OpenModel): variant is Variant =>
    variant instanceof Variant && variant.originalId === original.id;
  const inverse = ({ mapping, summary }: Variant) =>
    invertMapping(
      mapping,
      summary.subgraphs.map(({ operatorCount }) => operatorCount),
    );
  if (isOf(after, before)) return after.mapping;
  if (isOf(before, after)) return inverse(before);
  if (before instanceof Variant && after instanceof Variant && before.originalId === after.originalId) {
    return composeMappings(inverse(before), after.mapping);
  }
  return null;
}

/**
 * The spot in `after` that what is selected in `before` became: the same subgraph with the first operator that the selected
 * one is now, or with the one that it is now a part of. Nothing is selected where there is none, and for tensors, which no
 * pass follows.
 */
export function carriedSpot(
  { before, after }: ModelPair,
  { subgraph, selection }: Pick<Spot, 'subgraph' | 'selection'>,
): Spot {
  const found = after.summary.subgraphs[subgraph];
  const targets =
    selection?.kind === 'operator'
      ? mappingBetween({ before, after })?.[subgraph]?.[selection.index]
      : undefined;
  const index = targets?.[0];
  return {
    modelId: after.id,
    subgraph: found ? subgraph : 0,
    selection:
      found && index !== undefined && index < found.operatorCount ? { kind: 'operator', index } : null,
  };
}

/** Makes one of a pair the active model, with the subgraph that is shown, and selects something in it. */
export function selectIn(workbench: Workbench, model: OpenModel, selection: Selection): void {
  const { subgraph } = workbench;
  workbench.workspace.activate(model.id);
  workbench.history.visit({ modelId: model.id, subgraph, selection });
}
