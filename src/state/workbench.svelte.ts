/** The workbench: everything that the page shows and every action that changes it. Passed down by context. */
import { createContext } from 'svelte';
import { plural } from '../core/format';
import type { ViewGraph } from '../core/graph/types';
import type { Options, Recipe } from '../core/optimize/types';
import { isAbort } from '../rpc/errors';
import { Commands } from './commands.svelte';
import { debugVariant } from './debugging';
import { Graphs } from './graphs';
import { History, type Screen, type Selection, type Spot } from './history.svelte';
import { JobQueue } from './jobs.svelte';
import { makeVariant } from './making';
import { measureModels } from './measuring';
import { Variant, type OpenModel } from './models.svelte';
import { Notices } from './notices.svelte';
import { Overlays, type Overlay } from './overlays.svelte';
import { Pairing } from './pairing.svelte';
import { Planner } from './planner.svelte';
import { chainRecipes } from './recipe-chain';
import { RecipeDraft } from './recipe-draft.svelte';
import { searchMixed } from './searching';
import type { Services } from './services';
import { Settings } from './settings.svelte';
import type { Workspace } from './workspace.svelte';

export { screens, type Screen } from './history.svelte';

export class Workbench {
  readonly settings = new Settings();
  readonly notices = new Notices();
  readonly jobs = new JobQueue();
  readonly history = new History();
  readonly draft = new RecipeDraft();
  readonly overlays = new Overlays(this.settings);
  readonly pairing = new Pairing();
  readonly commands = new Commands();
  readonly workspace: Workspace;
  readonly services: Services;
  #planner = new Planner(this);
  #graphs: Graphs;
  /** The variant that the next one continues from, while it is the active one. */
  #continuedId = $state<string | null>(null);
  /** The variant whose report is shown. */
  #reportedId = $state<string | null>(null);

  constructor(services: Services, workspace: Workspace) {
    this.services = services;
    this.workspace = workspace;
    this.#graphs = new Graphs(services.parse);
  }

  get screen(): Screen {
    return this.history.screen;
  }
  get overlay(): Overlay {
    return this.overlays.choice;
  }
  get active(): OpenModel | null {
    return this.workspace.active;
  }
  /** The model that the recipe is applied to: always an original. */
  get base(): OpenModel | null {
    return this.active && this.workspace.originalOf(this.active);
  }
  /** The variant whose steps go before those of the draft, or null when the draft starts from the original. */
  get continued(): Variant | null {
    const { active } = this;
    return active instanceof Variant && active.id === this.#continuedId ? active : null;
  }
  /** The model that the draft's steps start from. */
  get startingModel(): OpenModel | null {
    return this.continued ?? this.base;
  }
  /** Everything that making a variant applies to the original. */
  get recipe(): Recipe {
    return this.continued ? chainRecipes(this.continued.asked, this.draft.recipe) : this.draft.recipe;
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
    return this.#planner.isRunning;
  }
  /** Why the recipe cannot be planned for the base model, or null. */
  get planError(): string | null {
    return this.#planner.error;
  }
  get reported(): Variant | null {
    const model = this.workspace.find(this.#reportedId);
    return model instanceof Variant ? model : null;
  }

  show(screen: Screen): void {
    this.history.show(screen);
  }
  /** Goes to a spot in an open model, in one step of the history. */
  goTo(spot: Spot, screen: Screen = this.screen): void {
    if (!this.workspace.find(spot.modelId)) return;
    this.workspace.activate(spot.modelId);
    this.history.visit(spot, screen);
  }
  /** Colours the graph by a figure, where it is known. */
  showOverlay(overlay: Overlay): void {
    this.overlays.choose(overlay);
  }
  /** Shows what was done to make a variant; null closes it. */
  showReport(id: string | null): void {
    this.#reportedId = id;
  }
  /** Lets the next variant start from this one, or (null) from the original. */
  continueFrom(id: string | null): void {
    this.#continuedId = id;
  }
  /** Shows a model, with what was selected in it when it was shown last; the active one is shown as a whole. */
  activate(id: string): void {
    const isActive = this.active?.id === id;
    this.workspace.activate(id);
    const last = isActive ? null : this.history.lastIn(id);
    this.history.visit(last ?? { modelId: id, subgraph: 0, selection: null });
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
    return this.#graphs.load(id, subgraph, this.settings.foldConstants);
  }

  /** Plans soon, if the recipe as it stands has no plan yet. To be called whenever recipe or model change. */
  schedulePlan(): void {
    this.#planner.schedule();
  }
  /** Finds out what each step would do to the base model. */
  plan(): Promise<void> {
    return this.#planner.plan();
  }
  /** Makes a variant of the base model by the recipe as it stands, and measures it where there is data. */
  makeVariant(): Promise<Variant | null> {
    return this.makeBy($state.snapshot(this.recipe));
  }
  /** Makes a variant of the base model by any recipe. */
  makeBy(recipe: Recipe): Promise<Variant | null> {
    this.#planner.cancel();
    return makeVariant(this, recipe);
  }
  /** Finds out what each operator of a variant adds to its error. */
  debug(variant: Variant): Promise<void> {
    return debugVariant(this, variant);
  }
  /** Looks for models of mixed precision; `options` are those of the `mixed` pass. */
  search(model: OpenModel, options: Options): Promise<void> {
    return searchMixed(this, model, options);
  }
  /** Measures models side by side; the first is the original. Without fitting data on random numbers. */
  measure(modelIds: readonly string[]): Promise<void> {
    return measureModels(this, modelIds);
  }

  /** Closes a model with the variants made from it, and tells of bookmarks that go with them. */
  closeModel(id: string): void {
    const title = this.workspace.find(id)?.title ?? '';
    const lost = this.workspace.bookmarksIn(id).length;
    for (const goneId of this.workspace.removeModel(id)) this.#release(goneId);
    this.history.prune((modelId) => this.workspace.find(modelId) !== undefined);
    this.#followHistory();
    if (lost > 0)
      this.notices.add('info', `${title} was closed.`, `${plural(lost, 'bookmark')} in it went with it.`);
  }

  /** Closes everything, stops what runs and forgets the workspace. */
  closeAll(): void {
    this.jobs.cancelAll();
    this.#planner.cancel();
    for (const model of this.workspace.models) this.#release(model.id);
    this.workspace.clear();
    this.history.prune(() => false);
    this.history.show('graph');
    this.overlays.choose('none');
    this.notices.announce('Everything was closed.');
  }

  /** Tells how work ended that did not succeed: `failed` or `cancelled` says what is the case now. */
  report(failed: string, cancelled: string, error: unknown): void {
    if (isAbort(error)) this.notices.announce(cancelled);
    else this.notices.fail(failed, error);
  }

  #release(id: string): void {
    this.#graphs.forget(id);
    for (const job of this.jobs.jobs) if (job.modelId === id) job.cancel();
    // The worker forgets a model that it may never have known; there is nothing to tell the user.
    this.services.parse.close(id).catch(() => undefined);
  }

  #followHistory(): void {
    const { place } = this.history;
    if (place) this.workspace.activate(place.modelId);
  }
}

export const [getWorkbench, setWorkbench] = createContext<Workbench>();
