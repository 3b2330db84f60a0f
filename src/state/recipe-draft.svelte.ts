/** The recipe that is being put together, and what each of its steps would do. */
import { presetOptions } from '../core/optimize/options';
import { passes } from '../core/optimize/passes';
import { findPreset, presetNames } from '../core/optimize/presets';
import type {
  OperatorMatch,
  Options,
  OptionValue,
  Override,
  Pass,
  PassReport,
  Recipe,
} from '../core/optimize/types';

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
  /** The preset that the recipe is, or null when it is one of the user's own. */
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
    if (preset) this.useRecipe(preset);
  }

  /** Takes over a checked recipe; one that is a preset is shown as that. */
  useRecipe(recipe: Recipe): void {
    this.#name = recipe.name;
    this.#description = recipe.description ?? null;
    this.#overrides = recipe.overrides ?? [];
    this.#steps = recipe.steps.flatMap((step) => {
      const pass = passes[step.pass];
      return pass ? [this.#makeStep(pass, step.options ?? {})] : [];
    });
    this.#preset = null;
    const preset = this.#findSamePreset();
    if (preset?.name === recipe.name) this.#preset = preset.name;
  }

  rename(name: string): void {
    this.#name = name;
    this.#description = null;
    this.#preset = null;
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

  /** The override for exactly these operators and this pass (null: every step), if there is one. */
  overrideFor(match: OperatorMatch, pass: string | null): Override | null {
    return this.#overrides.find((override) => isFor(override, match, pass)) ?? null;
  }
  /** Leaves operators out of the steps of one pass, or of all of them (`pass` null). */
  leaveOut(match: OperatorMatch, pass: string | null): void {
    this.setSkip(match, pass, true);
  }
  /** `true` leaves operators out, `false` lets them take part whatever was said before, null says nothing. */
  setSkip(match: OperatorMatch, pass: string | null, skip: boolean | null): void {
    const options = this.overrideFor(match, pass)?.options;
    this.#putOverride(match, pass, {
      ...(skip === null ? {} : { skip }),
      ...(options === undefined ? {} : { options }),
    });
  }
  /** Gives operators their own value of an option; null takes it back. */
  setOverrideOption(match: OperatorMatch, pass: string, key: string, value: OptionValue | null): void {
    const before = this.overrideFor(match, pass);
    const others = Object.entries(before?.options ?? {}).filter(([other]) => other !== key);
    this.#putOverride(match, pass, {
      ...(before?.skip === undefined ? {} : { skip: before.skip }),
      options: Object.fromEntries(value === null ? others : [...others, [key, value]]),
    });
  }
  /** Drops an override altogether. */
  takeBack(override: Override): void {
    this.#changeOverrides(this.#overrides.filter((other) => other !== override));
  }

  /** What identifies a plan: the steps and the model that they start from. */
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

  #putOverride(match: OperatorMatch, pass: string | null, what: Pick<Override, 'skip' | 'options'>): void {
    const hasOptions = Object.keys(what.options ?? {}).length > 0;
    const rest = this.#overrides.filter((override) => !isFor(override, match, pass));
    const changed: Override = {
      match,
      ...(pass === null ? {} : { pass }),
      ...(what.skip === undefined ? {} : { skip: what.skip }),
      ...(hasOptions ? { options: what.options! } : {}),
    };
    this.#changeOverrides(what.skip === undefined && !hasOptions ? rest : [...rest, changed]);
  }
  #makeStep(pass: Pass, options: Options): DraftStep {
    return { id: this.#nextId++, pass, options: { ...presetOptions(pass), ...options } };
  }
  #change(steps: readonly DraftStep[]): void {
    this.#steps = steps;
    this.#settle();
  }
  #changeOverrides(overrides: readonly Override[]): void {
    this.#overrides = overrides;
    this.#settle();
  }

  /** After a change: the name tells that it is no longer the preset, or that it is one again. */
  #settle(): void {
    const same = this.#findSamePreset();
    if (same && (this.#name === same.name || this.#name === edited(same.name))) {
      this.#name = same.name;
      this.#preset = same.name;
      this.#description = same.description ?? null;
      return;
    }
    if (this.#preset !== null) {
      if (this.#name === this.#preset) this.#name = edited(this.#preset);
      this.#description = null;
    }
    this.#preset = null;
  }
  #findSamePreset(): Recipe | null {
    if (this.#overrides.length > 0) return null;
    const wanted = JSON.stringify(this.recipe.steps.map(withAllOptions));
    return (
      presetNames
        .map((name) => findPreset(name)!)
        .find((preset) => JSON.stringify(preset.steps.map(withAllOptions)) === wanted) ?? null
    );
  }
}

const edited = (name: string) => `${name} edited`;

const isFor = (override: Override, match: OperatorMatch, pass: string | null) =>
  (override.pass ?? null) === pass &&
  override.match.name === match.name &&
  override.match.kind === match.kind &&
  override.match.operator === match.operator &&
  override.match.subgraph === match.subgraph;

function withAllOptions(step: Recipe['steps'][number]): readonly unknown[] {
  const pass = passes[step.pass];
  const options = { ...(pass ? presetOptions(pass) : {}), ...step.options };
  return [step.pass, Object.entries(options).sort(([a], [b]) => a.localeCompare(b))];
}
