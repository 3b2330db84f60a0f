/** The workbench: everything that the page shows and every action that changes it. Passed down by context. */
import { createContext } from 'svelte';
import type { ViewGraph } from '../core/graph/types';
import type { DataSource } from '../../workers/protocol';
import { isAbort } from '../rpc/errors';
import { History, type Selection } from './history.svelte';
import { JobQueue } from './jobs.svelte';
import { freeName, Variant, type OpenModel } from './models.svelte';
import { Notices } from './notices.svelte';
import { RecipeDraft } from './recipe-draft.svelte';
import type { Services } from './services';
import { Settings } from './settings.svelte';
import type { Workspace } from './workspace.svelte';

export type Screen = 'graph' | 'compare';

/** One seed for everything random, so that a variant can be made again. */
const seed = 1;
const randomSamples = 16;
/** Graphs kept on the page; a graph is asked for anew when it was dropped. */
const keptGraphs = 8;
/** Runs of the recipe for display start this long after the last change. */
const planDelayMs = 350;
/** Larger files are planned only when asked, because planning runs every step. */
const largestAutoPlanBytes = 64 * 1024 ** 2;

export class Workbench {
  readonly settings = new Settings();
  readonly notices = new Notices();
  readonly jobs = new JobQueue();
  readonly history = new History();
  readonly draft = new RecipeDraft();
  readonly workspace: Workspace;
  readonly services: Services;
  #screen = $state<Screen>('graph');
  #isPlanning = $state(false);
  #planError = $state<string | null>(null);
  #planAbort: AbortController | null = null;
  #planTimer: ReturnType<typeof setTimeout> | undefined;
  /** Not shown itself, so nothing has to follow it. */
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  #graphs = new Map<string, Promise<ViewGraph>>();

  constructor(services: Services, workspace: Workspace) {
    this.services = services;
    this.workspace = workspace;
  }

  get screen(): Screen {
    return this.#screen;
  }
  get active(): OpenModel | null {
    return this.workspace.active;
  }
  /** The model that the recipe is applied to. */
  get base(): OpenModel | null {
    return this.active && this.workspace.originalOf(this.active);
  }
  get subgraph(): number {
    const { place } = this.history;
    return place && place.modelId === this.active?.id ? place.subgraph : 0;
  }
  get selection(): Selection {
    const { place } = this.history;
    return place && place.modelId === this.active?.id ? place.selection : null;
  }
  get isPlanning(): boolean {
    return this.#isPlanning;
  }
  /** Why the recipe cannot be planned for the base model, or null. */
  get planError(): string | null {
    return this.#planError;
  }

  show(screen: Screen): void {
    this.#screen = screen;
  }
  activate(id: string): void {
    this.workspace.activate(id);
    this.history.visit({ modelId: id, subgraph: 0, selection: null });
  }
  select(selection: Selection): void {
    if (!this.active) return;
    this.history.visit({ modelId: this.active.id, subgraph: this.subgraph, selection });
  }
  showSubgraph(subgraph: number): void {
    if (this.active) this.history.visit({ modelId: this.active.id, subgraph, selection: null });
  }
  goBack(): void {
    this.history.goBack();
    this.#followHistory();
  }
  goForward(): void {
    this.history.goForward();
    this.#followHistory();
  }

  /** The graph of a subgraph of an open model, kept for a while. */
  loadGraph(id: string, subgraph: number): Promise<ViewGraph> {
    const folded = this.settings.foldConstants;
    const key = `${id}/${subgraph}/${folded}`;
    const kept = this.#graphs.get(key);
    if (kept) return kept;
    const graph = this.services.parse.viewGraph(id, subgraph, null, folded);
    graph.catch(() => this.#graphs.delete(key));
    this.#graphs.set(key, graph);
    const oldest = this.#graphs.keys().next().value;
    if (this.#graphs.size > keptGraphs && oldest !== undefined) this.#graphs.delete(oldest);
    return graph;
  }

  /** Plans soon, if the recipe as it stands has no plan yet. To be called whenever recipe or model change. */
  schedulePlan(): void {
    const { base } = this;
    clearTimeout(this.#planTimer);
    this.#planAbort?.abort();
    this.#planError = null;
    if (!base || base.file.size > largestAutoPlanBytes || this.draft.planFor(base.id)) return;
    this.#planTimer = setTimeout(() => void this.plan(), planDelayMs);
  }

  /** Finds out what each step would do to the base model. */
  async plan(): Promise<void> {
    const { base, draft } = this;
    if (!base || draft.steps.length === 0) return;
    clearTimeout(this.#planTimer);
    this.#planAbort?.abort();
    const abort = new AbortController();
    this.#planAbort = abort;
    this.#isPlanning = true;
    this.#planError = null;
    const key = draft.planKey(base.id);
    try {
      const request = { name: base.name, file: base.file, recipe: draft.recipe, seed };
      const reports = await this.services.optimize.plan(request, abort.signal);
      if (!abort.signal.aborted) draft.keepPlan(key, reports);
    } catch (error) {
      if (!isAbort(error)) this.#planError = error instanceof Error ? error.message : String(error);
    } finally {
      if (this.#planAbort === abort) {
        this.#planAbort = null;
        this.#isPlanning = false;
      }
    }
  }

  /** Makes a variant of the base model by the recipe as it stands, and measures it where there is data. */
  async makeVariant(): Promise<void> {
    const { base, draft, workspace } = this;
    if (!base || draft.steps.length === 0) return;
    this.#planAbort?.abort();
    const recipe = $state.snapshot(draft.recipe);
    const siblings = workspace.variantsOf(base.id);
    const name = freeName(
      recipe.name,
      siblings.map((variant) => variant.name),
    );
    try {
      const words = { title: `Make ${name}`, modelId: base.id };
      const variant = await this.jobs.add(words, async (signal, onProgress) => {
        const request = { name: base.name, file: base.file, recipe, seed };
        const made = await this.services.optimize.optimize(request, onProgress, signal);
        const id = crypto.randomUUID();
        const summary = await this.services.parse.open(id, name, made.file, signal);
        return new Variant(id, name, made.file, summary, {
          originalId: base.id,
          asked: recipe,
          reports: made.reports,
          mapping: made.mapping,
        });
      });
      if (!workspace.find(base.id)) return;
      workspace.addModel(variant);
      this.activate(variant.id);
      this.notices.announce(`Made ${name} from ${base.title}.`);
      if (this.settings.measureAfterMaking && workspace.dataFor(base))
        await this.measure([base.id, variant.id]);
    } catch (error) {
      this.#report(`${name} was not made.`, `${name} was cancelled. Nothing changed.`, error);
    }
  }

  /** Measures models side by side; the first is the original. Without fitting data on random numbers. */
  async measure(modelIds: readonly string[]): Promise<void> {
    const { workspace } = this;
    const models = modelIds.flatMap((id) => workspace.find(id) ?? []);
    const [original] = models;
    const subject = models.at(-1);
    if (!original || !subject) return;
    const data = workspace.dataFor(original);
    const source: DataSource = data?.source ?? { kind: 'random', samples: randomSamples, seed };
    const { accelerator, threads, latencyRounds } = this.settings;
    try {
      const words = { title: `Measure ${subject.title}`, modelId: workspace.originalOf(subject).id };
      const comparison = await this.jobs.add(words, (signal, onProgress) =>
        this.services.interpret.compare(
          {
            models: models.map(({ title, file }) => ({ name: title, file })),
            data: source,
            accelerator,
            threads,
            latencyRounds,
          },
          onProgress,
          signal,
        ),
      );
      workspace.keepComparison(
        models.map((model) => model.id),
        comparison,
      );
      this.notices.announce(`Measured ${subject.title}.`);
    } catch (error) {
      this.#report(`${subject.title} was not measured.`, 'Measuring was cancelled. Nothing changed.', error);
    }
  }

  closeModel(id: string): void {
    for (const goneId of this.workspace.removeModel(id)) this.#release(goneId);
    this.history.prune((modelId) => this.workspace.find(modelId) !== undefined);
    this.#followHistory();
  }

  /** Closes everything, stops what runs and forgets the workspace. */
  closeAll(): void {
    this.jobs.cancelAll();
    this.#planAbort?.abort();
    for (const model of this.workspace.models) this.#release(model.id);
    this.workspace.clear();
    this.history.prune(() => false);
    this.#screen = 'graph';
    this.notices.announce('Everything was closed.');
  }

  #release(id: string): void {
    for (const key of [...this.#graphs.keys()]) if (key.startsWith(`${id}/`)) this.#graphs.delete(key);
    for (const job of this.jobs.jobs) if (job.modelId === id) job.cancel();
    // The worker forgets a model that it may never have known; there is nothing to tell the user.
    this.services.parse.close(id).catch(() => undefined);
  }

  #followHistory(): void {
    const { place } = this.history;
    if (place) this.workspace.activate(place.modelId);
  }

  #report(failed: string, cancelled: string, error: unknown): void {
    if (isAbort(error)) this.notices.announce(cancelled);
    else this.notices.fail(failed, error);
  }
}

export const [getWorkbench, setWorkbench] = createContext<Workbench>();
