/** Finds out what the recipe would do to the open model before anything is made. */
import type { Recipe } from '../core/optimize/types';
import { isAbort } from '../rpc/errors';
import type { OpenModel } from './models.svelte';
import type { RecipeDraft } from './recipe-draft.svelte';
import type { Services } from './services';

/** What is planned: the workbench as the planner sees it. */
export interface PlanSubject {
  readonly services: Pick<Services, 'optimize'>;
  readonly draft: RecipeDraft;
  /** The model that the recipe is applied to. */
  readonly base: OpenModel | null;
  /** The model that the draft's own steps start from. */
  readonly startingModel: OpenModel | null;
  /** Everything that is applied to the base model; it ends with the draft's steps. */
  readonly recipe: Recipe;
}

/** One seed for everything random, so that a variant can be made again. */
export const seed = 1;
/** Runs of the recipe for display start this long after the last change. */
const delayMs = 350;
/** Larger files are planned only when asked, because planning runs every step. */
const largestAutomaticBytes = 64 * 1024 ** 2;

export class Planner {
  #subject: PlanSubject;
  #isRunning = $state(false);
  #error = $state<string | null>(null);
  #abort: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(subject: PlanSubject) {
    this.#subject = subject;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }
  /** Why the recipe cannot be planned, or null. */
  get error(): string | null {
    return this.#error;
  }

  /** Plans soon, if the recipe as it stands has no plan yet. */
  schedule(): void {
    const { base, startingModel, draft } = this.#subject;
    this.cancel();
    this.#error = null;
    if (!base || !startingModel || base.file.size > largestAutomaticBytes) return;
    if (draft.planFor(startingModel.id)) return;
    this.#timer = setTimeout(() => void this.plan(), delayMs);
  }

  async plan(): Promise<void> {
    const { base, startingModel, draft, recipe, services } = this.#subject;
    if (!base || !startingModel || draft.steps.length === 0) return;
    this.cancel();
    const abort = new AbortController();
    this.#abort = abort;
    this.#isRunning = true;
    this.#error = null;
    const key = draft.planKey(startingModel.id);
    const stepCount = draft.steps.length;
    try {
      const asked = $state.snapshot(recipe);
      const request = { name: base.name, file: base.file, recipe: asked, seed, calibration: null };
      const reports = await services.optimize.plan(request, abort.signal);
      if (!abort.signal.aborted) draft.keepPlan(key, reports.slice(-stepCount));
    } catch (error) {
      if (!isAbort(error)) this.#error = error instanceof Error ? error.message : String(error);
    } finally {
      if (this.#abort === abort) {
        this.#abort = null;
        this.#isRunning = false;
      }
    }
  }

  /** Stops planning; making a variant does the same work. */
  cancel(): void {
    clearTimeout(this.#timer);
    this.#abort?.abort();
  }
}
