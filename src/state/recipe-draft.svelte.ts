/** The recipe that is being put together, and what each of its steps would do. */
import { presetOptions } from '../core/optimize/options';
import { passes } from '../core/optimize/passes';
import { findPreset } from '../core/optimize/presets';
import type { Options, OptionValue, Override, Pass, PassReport, Recipe } from '../core/optimize/types';

export interface DraftStep {
  /** Tells steps apart that run the same pass. */
  readonly id: number;
  readonly pass: Pass;
  /** Every option of the pass, with its preset where the recipe says nothing. */
  readonly options: Options;
}

const firstPreset = 'dynamic-range';

export class RecipeDraft {
  #name = $state(firstPreset);
  #preset = $state<string | null>(firstPreset);
  #description = $state.raw<string | null>(null);
  #steps = $state.raw<readonly DraftStep[]>([]);
  #overrides = $state.raw<readonly Override[]>([]);
  #plan = $state.raw<{ readonly key: string; readonly reports: readonly PassReport[] } | null>(null);
  #nextId = 0;

  constructor() {
    this.usePreset(firstPreset);
  }

  get name(): string {
    return this.#name;
  }
  /** The preset that the recipe still is, or null once it was changed or imported. */
  get preset(): string | null {
    return this.#preset;
  }
  get steps(): readonly DraftStep[] {
    return this.#steps;
  }
  get overrides(): readonly Override[] {
    return this.#overrides;
  }
  /** The recipe as data. Options are written only where they differ from the pass's presets. */
  get recipe(): Recipe {
    return {
      name: this.#name.trim() || 'recipe',
      version: 1,
      ...(this.#description === null ? {} : { description: this.#description }),
      steps: this.#steps.map(({ pass, options }) => {
        const presets = presetOptions(pass);
        const changed = Object.entries(options).filter(([key, value]) => value !== presets[key]);
        return changed.length === 0
          ? { pass: pass.name }
          : { pass: pass.name, options: Object.fromEntries(changed) };
      }),
      ...(this.#overrides.length === 0 ? {} : { overrides: this.#overrides }),
    };
  }

  usePreset(name: string): void {
    const preset = findPreset(name);
    if (!preset) return;
    this.useRecipe(preset);
    this.#preset = name;
  }

  /** Takes over a checked recipe. */
  useRecipe(recipe: Recipe): void {
    this.#name = recipe.name;
    this.#preset = null;
    this.#description = recipe.description ?? null;
    this.#overrides = recipe.overrides ?? [];
    this.#steps = recipe.steps.flatMap((step) => {
      const pass = passes[step.pass];
      return pass ? [this.#makeStep(pass, step.options ?? {})] : [];
    });
  }

  rename(name: string): void {
    this.#name = name;
    this.#leavePreset();
  }
  addStep(passName: string): void {
    const pass = passes[passName];
    if (pass) this.#change([...this.#steps, this.#makeStep(pass, {})]);
  }
  removeStep(id: number): void {
    this.#change(this.#steps.filter((step) => step.id !== id));
  }
  /** Moves a step by places; no further than the ends. */
  moveStep(id: number, by: number): void {
    const from = this.#steps.findIndex((step) => step.id === id);
    const to = Math.min(this.#steps.length - 1, Math.max(0, from + by));
    if (from < 0 || to === from) return;
    const rest = this.#steps.toSpliced(from, 1);
    this.#change(rest.toSpliced(to, 0, this.#steps[from]!));
  }
  setOption(id: number, key: string, value: OptionValue): void {
    this.#change(
      this.#steps.map((step) =>
        step.id === id ? { ...step, options: { ...step.options, [key]: value } } : step,
      ),
    );
  }

  /** What identifies a plan: the steps and the model that they are for. */
  planKey(modelId: string): string {
    const { steps, overrides } = this.recipe;
    return JSON.stringify([modelId, steps, overrides ?? []]);
  }
  keepPlan(key: string, reports: readonly PassReport[]): void {
    this.#plan = { key, reports };
  }
  /** What each step would do to this model, or null when that is not known for the recipe as it stands. */
  planFor(modelId: string): readonly PassReport[] | null {
    return this.#plan?.key === this.planKey(modelId) ? this.#plan.reports : null;
  }

  #makeStep(pass: Pass, options: Options): DraftStep {
    return { id: this.#nextId++, pass, options: { ...presetOptions(pass), ...options } };
  }
  #change(steps: readonly DraftStep[]): void {
    this.#steps = steps;
    this.#leavePreset();
  }
  #leavePreset(): void {
    if (this.#preset !== null && this.#name === this.#preset) this.#name = `${this.#preset} edited`;
    if (this.#preset !== null) this.#description = null;
    this.#preset = null;
  }
}
