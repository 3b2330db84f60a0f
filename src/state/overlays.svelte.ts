/** What colours the operators of the graph, and the figures that were imported for it. */
import { keptOverlays, type Settings } from './settings.svelte';
import { isNodeData, readNodeData, type NodeDataSet } from '../core/graph/node-data';

/** Overlays that are computed here. `change` needs a second model beside the one that is shown. */
export const ownOverlays = [...keptOverlays, 'change'] as const;
/** What colours the operators of the graph instead of their category; `data n` is the nth imported set. */
export type Overlay = (typeof ownOverlays)[number] | `data ${number}`;

/** No node data that programs write for models of this size come near. */
const largestBytes = 64 * 1024 ** 2;

export class Overlays {
  #settings: Pick<Settings, 'overlay' | 'colourBy'>;
  #choice = $state<Overlay>('none');
  #isTableShown = $state(false);
  #imported = $state.raw<readonly NodeDataSet[]>([]);

  /** Begins with what coloured the graph at the last visit. */
  constructor(settings: Pick<Settings, 'overlay' | 'colourBy'>) {
    this.#settings = settings;
    this.#choice = settings.overlay;
  }

  get choice(): Overlay {
    return this.#choice;
  }
  /** Whether operators are listed by the figure. */
  get isTableShown(): boolean {
    return this.#isTableShown;
  }
  get imported(): readonly NodeDataSet[] {
    return this.#imported;
  }

  choose(overlay: Overlay): void {
    this.#choice = overlay;
    this.#settings.colourBy(keptOverlays.find((kept) => kept === overlay) ?? 'none');
  }
  showTable(shown: boolean): void {
    this.#isTableShown = shown;
  }
  /** The next of `offered` after the one that is shown, around the end. */
  cycle(offered: readonly Overlay[]): void {
    this.choose(offered[(offered.indexOf(this.#choice) + 1) % offered.length] ?? 'none');
  }
  /** Adds imported figures and shows the first of them; sets of a name that is there are replaced. */
  add(sets: readonly NodeDataSet[]): void {
    const [first] = sets;
    if (!first) return;
    const kept = this.#imported.filter(({ name }) => !sets.some((set) => set.name === name));
    this.#imported = [...kept, ...sets];
    this.choose(`data ${kept.length}`);
  }
  /** Forgets imported figures. */
  remove(index: number): void {
    this.#imported = this.#imported.filter((_, i) => i !== index);
    if (this.#choice.startsWith('data ')) this.choose('none');
  }
}

/**
 * Node data in a JSON file, or null where it holds something else. Throws `ModelError` `bad-data` where they are node data
 * that cannot be used.
 */
export async function nodeDataOf(file: File): Promise<NodeDataSet[] | null> {
  if (file.size > largestBytes) return null;
  let json: unknown;
  try {
    json = JSON.parse(await file.text());
  } catch {
    return null;
  }
  return isNodeData(json) ? readNodeData(json, file.name) : null;
}
