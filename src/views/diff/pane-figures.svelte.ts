/** The figures of one model's graph: loaded where they are wanted, and as an overlay. */
import type { GraphDiff } from '../../core/graph/diff';
import type { SubgraphMetrics } from '../../core/graph/metrics';
import type { ParseClient } from '../../rpc/parse';
import { Variant, type Debugged, type OpenModel } from '../../state/models.svelte';
import type { Overlay as OverlayChoice } from '../../state/overlays.svelte';
import type { Workbench } from '../../state/workbench.svelte';
import { errorOverlay } from '../errors/overlay';
import { dataOverlay, figureKeys, figureLabels, figureOverlay } from '../graph/figure-overlays';
import type { Overlay } from '../graph/overlay';
import { resource } from '../inspector/resource.svelte';
import type { Side } from './camera-link';
import { changeOverlay } from './change-overlay';

export interface PaneFigures {
  readonly metrics: SubgraphMetrics | null;
  readonly overlay: Overlay | null;
  /** Why nothing is coloured although a figure is chosen, or null. */
  readonly note: string | null;
}

/** What the debugger found about a model: itself when it is a variant, else its newest variant that was debugged. */
export function debuggedOf({ workspace, subgraph }: Workbench, model: OpenModel): Debugged | null {
  if (subgraph !== 0) return null;
  if (model instanceof Variant) return model.debugged;
  return workspace.variantsOf(model.id).findLast((variant) => variant.debugged)?.debugged ?? null;
}

/** The overlays that can be shown, with their names. */
export function overlayChoices(
  workbench: Workbench,
  model: OpenModel,
  isPaired: boolean,
): { readonly value: OverlayChoice; readonly label: string }[] {
  return [
    { value: 'none', label: 'by category' },
    ...figureKeys.map((value) => ({ value, label: `by ${figureLabels[value]}` })),
    ...(debuggedOf(workbench, model)
      ? [
          { value: 'local' as const, label: 'by local error' },
          { value: 'accumulated' as const, label: 'by accumulated error' },
        ]
      : []),
    ...(isPaired ? [{ value: 'change' as const, label: 'by change' }] : []),
    ...workbench.overlays.imported.map(({ name }, i) => ({ value: `data ${i}` as const, label: name })),
  ];
}

/** Figures of the model that `model` gives. To be called while a component is being set up. */
export function paneFigures(
  workbench: Workbench,
  parse: () => Pick<ParseClient, 'metrics'> | null,
  model: () => OpenModel | null,
  change: () => { readonly diff: GraphDiff; readonly side: Side } | null,
): PaneFigures {
  // Another figure comes from the same answer.
  const isColoured = $derived(workbench.overlay !== 'none');
  // Another selection is no reason to load them anew, nor to colour anew.
  const subgraph = $derived(workbench.subgraph);
  const debugged = $derived.by(() => {
    const shown = model();
    return shown && debuggedOf(workbench, shown);
  });
  const loaded = resource((signal) => {
    const [wanted, client, shown] = [model(), parse(), subgraph];
    if (!wanted || !client || !isColoured) return null;
    const { id } = wanted;
    return client.metrics(id, shown, signal).then((metrics) => ({ id, subgraph: shown, metrics }));
  });
  /** Those of the model before must not colour the next. */
  const metrics = $derived(
    loaded.value && loaded.value.id === model()?.id && loaded.value.subgraph === subgraph
      ? loaded.value.metrics
      : null,
  );
  const overlay = $derived.by((): Overlay | null => {
    const [shown, choice] = [model(), workbench.overlay];
    if (!shown || choice === 'none') return null;
    if (choice === 'local' || choice === 'accumulated') {
      const side = shown instanceof Variant ? 'variant' : 'original';
      return debugged ? errorOverlay(debugged.report, choice, side) : null;
    }
    if (choice === 'change') {
      const found = change();
      return found ? changeOverlay(found.diff, found.side) : null;
    }
    if (!metrics) return null;
    const key = figureKeys.find((one) => one === choice);
    if (key) return figureOverlay(key, metrics);
    const set = workbench.overlays.imported[Number(choice.slice('data '.length))];
    return set ? dataOverlay(set, metrics.outputNames) : null;
  });
  const note = $derived.by(() => {
    if (workbench.overlay === 'none') return null;
    if (loaded.error !== null) return `The figures cannot be computed. ${loaded.error}`;
    if (overlay === null || overlay.values.size > 0) return null;
    return workbench.overlay.startsWith('data ')
      ? 'None of its names or indexes is an operator of this graph. Open the model that the figures belong to.'
      : 'No operator of this graph has such a figure.';
  });
  return {
    get metrics() {
      return metrics;
    },
    get overlay() {
      return overlay !== null && overlay.values.size > 0 ? overlay : null;
    },
    get note() {
      return note;
    },
  };
}
