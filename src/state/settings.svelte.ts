/** What the user arranged: kept in the browser, checked when it is read back. */
import * as v from 'valibot';

const key = 'whittle.settings';

/** What colours the graph without anything that a reload loses. */
export const keptOverlays = [
  'none',
  'bytes',
  'parameters',
  'macs',
  'macsPerByte',
  'sparsity',
  'dtype',
  'local',
  'accumulated',
] as const;
export type KeptOverlay = (typeof keptOverlays)[number];

const size = (min: number, max: number, preset: number) =>
  v.fallback(v.pipe(v.number(), v.minValue(min), v.maxValue(max)), preset);

export const panelLimits = {
  left: { min: 208, max: 420, preset: 264 },
  right: { min: 260, max: 560, preset: 316 },
  dock: { min: 168, max: 460, preset: 232 },
} as const;
export type Panel = keyof typeof panelLimits;

const panel = ({ min, max, preset }: (typeof panelLimits)[Panel]) =>
  v.fallback(v.object({ size: size(min, max, preset), folded: v.fallback(v.boolean(), false) }), {
    size: preset,
    folded: false,
  });

const schema = v.object({
  theme: v.fallback(v.picklist(['system', 'light', 'dark']), 'system'),
  measureAfterMaking: v.fallback(v.boolean(), true),
  accelerator: v.fallback(v.picklist(['wasm', 'webgpu']), 'wasm'),
  threads: v.fallback(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(64)), 1),
  latencyRounds: v.fallback(v.pipe(v.number(), v.integer(), v.minValue(5), v.maxValue(1000)), 40),
  calibrationSamples: v.fallback(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100_000)), 64),
  foldConstants: v.fallback(v.boolean(), true),
  thickEdges: v.fallback(v.boolean(), false),
  graphDirection: v.fallback(v.picklist(['down', 'right']), 'down'),
  overlay: v.fallback(v.picklist(keptOverlays), 'none'),
  showOutline: v.fallback(v.boolean(), false),
  listKind: v.fallback(v.picklist(['tree', 'table']), 'tree'),
  panels: v.fallback(
    v.object({
      left: panel(panelLimits.left),
      right: panel(panelLimits.right),
      dock: panel(panelLimits.dock),
    }),
    {
      left: { size: panelLimits.left.preset, folded: false },
      right: { size: panelLimits.right.preset, folded: false },
      dock: { size: panelLimits.dock.preset, folded: false },
    },
  ),
});
type Values = v.InferOutput<typeof schema>;

/** The stored values; anything missing or out of range takes its preset. */
export function readSettings(text: string | null): Values {
  let stored: unknown;
  try {
    stored = JSON.parse(text ?? '{}');
  } catch {
    stored = {};
  }
  return v.parse(v.fallback(schema, v.parse(schema, {})), stored);
}

export class Settings {
  #storage: Storage | null;
  #values = $state.raw<Values>(readSettings(null));
  #systemIsDark = $state(false);

  constructor() {
    // Reading `localStorage` throws where the browser blocks site data.
    try {
      this.#storage = globalThis.localStorage;
      this.#values = readSettings(this.#storage.getItem(key));
    } catch {
      this.#storage = null;
    }
    const dark = matchMedia('(prefers-color-scheme: dark)');
    this.#systemIsDark = dark.matches;
    dark.addEventListener('change', (event) => {
      this.#systemIsDark = event.matches;
      this.applyTheme();
    });
    this.applyTheme();
  }

  get scheme(): 'light' | 'dark' {
    const { theme } = this.#values;
    if (theme !== 'system') return theme;
    return this.#systemIsDark ? 'dark' : 'light';
  }
  get measureAfterMaking(): boolean {
    return this.#values.measureAfterMaking;
  }
  get accelerator(): 'wasm' | 'webgpu' {
    return this.#values.accelerator;
  }
  get threads(): number {
    return this.#values.threads;
  }
  get latencyRounds(): number {
    return this.#values.latencyRounds;
  }
  /** Samples drawn for calibrating; all when there are fewer. */
  get calibrationSamples(): number {
    return this.#values.calibrationSamples;
  }
  get foldConstants(): boolean {
    return this.#values.foldConstants;
  }

  /** Edges of the graph are as thick as their tensors are large. */
  get thickEdges(): boolean {
    return this.#values.thickEdges;
  }

  /** Which way the edges of a graph run. */
  get graphDirection(): 'down' | 'right' {
    return this.#values.graphDirection;
  }

  /** What coloured the graph last. */
  get overlay(): KeptOverlay {
    return this.#values.overlay;
  }

  get showOutline(): boolean {
    return this.#values.showOutline;
  }
  /** What operators are listed as beside the graph. */
  get listKind(): 'tree' | 'table' {
    return this.#values.listKind;
  }

  size(name: Panel): number {
    return this.#values.panels[name].size;
  }
  isFolded(name: Panel): boolean {
    return this.#values.panels[name].folded;
  }

  applyTheme(): void {
    document.documentElement.dataset.theme = this.scheme;
  }

  /** Switches between light and dark; the system's choice is taken again when it is the one wanted. */
  toggleTheme(): void {
    const wanted = this.scheme === 'dark' ? 'light' : 'dark';
    const system = this.#systemIsDark ? 'dark' : 'light';
    this.#change({ theme: wanted === system ? 'system' : wanted });
    this.applyTheme();
  }

  resize(name: Panel, px: number): void {
    const { min, max } = panelLimits[name];
    this.#changePanel(name, { size: Math.min(max, Math.max(min, Math.round(px))) });
  }
  fold(name: Panel, folded: boolean): void {
    this.#changePanel(name, { folded });
  }
  measureAfter(making: boolean): void {
    this.#change({ measureAfterMaking: making });
  }
  measureWith(change: Partial<Pick<Values, 'accelerator' | 'threads' | 'latencyRounds'>>): void {
    this.#change(change);
  }
  colourBy(overlay: KeptOverlay): void {
    this.#change({ overlay });
  }
  outline(shown: boolean): void {
    this.#change({ showOutline: shown });
  }
  listAs(kind: 'tree' | 'table'): void {
    this.#change({ listKind: kind });
  }
  calibrateWith(samples: number): void {
    this.#change({ calibrationSamples: samples });
  }
  turnGraph(direction: 'down' | 'right'): void {
    this.#change({ graphDirection: direction });
  }
  foldGraph(folded: boolean): void {
    this.#change({ foldConstants: folded });
  }

  thickenEdges(thick: boolean): void {
    this.#change({ thickEdges: thick });
  }

  #changePanel(name: Panel, change: Partial<Values['panels'][Panel]>): void {
    const { panels } = this.#values;
    this.#change({ panels: { ...panels, [name]: { ...panels[name], ...change } } });
  }

  #change(change: Partial<Values>): void {
    this.#values = { ...this.#values, ...change };
    try {
      this.#storage?.setItem(key, JSON.stringify(this.#values));
    } catch {
      // A full or blocked store only means that the arrangement is not remembered.
    }
  }
}
