/**
 * Whittle's recipes as ai-edge-quantizer's. Here an operator is taken by the first step that can and may; there the last
 * entry that fits holds. So all operators, and those of each name that overrides speak of, get entries of their own.
 */
import { operatorName } from '../../model/operators';
import type { Model } from '../../model/types';
import { matchOverrides, resolveOptions } from '../overrides';
import { passes } from '../passes';
import type { OperatorMatch, Override, Recipe, RecipeStep } from '../types';
import { configFor, givenBy, staticEntry, type Wanted } from './configs';
import { exactly, matchesEverything, toPython } from './regex';
import { type SchemePass, schemePasses } from './schemes';
import { type AeqEntry, operationOfKind, weightKinds } from './types';

/**
 * Writes a checked recipe as entries for ai-edge-quantizer; `notes` say in whole sentences what that format cannot. `model` is
 * the one that the recipe is for; it is needed only for overrides that speak of operators by their index, which become the
 * names of the operators' outputs.
 */
export function recipeToAeq(
  recipe: Recipe,
  model: Model | null = null,
): { readonly entries: readonly AeqEntry[]; readonly notes: readonly string[] } {
  const notes = new Set<string>();
  const steps = recipe.steps.filter(({ pass }, index) => {
    if (isScheme(pass)) return true;
    notes.add(`Step ${index + 1} (${pass}) is left out: ${whyNoStep(pass)}.`);
    return false;
  });
  const overrides = recipe.overrides ?? [];
  if (steps.length === 0) notes.add('No step that is left quantizes anything, so there are no entries.');
  else noteOptions(steps, overrides, notes);
  const writer = new EntryWriter(steps, overrides, notes);
  if (steps.length > 0) {
    writer.addNames();
    writer.addSingles(model);
  }
  return { entries: writer.entries, notes: [...notes] };
}

function isScheme(pass: string): pass is SchemePass {
  return (schemePasses as readonly string[]).includes(pass);
}

function whyNoStep(pass: string): string {
  switch (pass) {
    case 'clean-up':
      return 'ai-edge-quantizer removes nothing; clean the model up beforehand';
    case 'prune':
      return 'ai-edge-quantizer does not prune; prune the model beforehand';
    case 'mixed':
      return 'ai-edge-quantizer does not search; export the recipe that the search found';
    default:
      return 'ai-edge-quantizer has nothing like it';
  }
}

/** Options of the integer pass that have no counterpart. */
function noteOptions(steps: readonly RecipeStep[], overrides: readonly Override[], notes: Set<string>): void {
  if (steps.some(({ options }) => options?.equalize === true))
    notes.add('Equalizing of layers is left out: ai-edge-quantizer has none.');
  if (steps.some(({ options }) => options?.correctBias === true))
    notes.add('Correction of biases is left out: ai-edge-quantizer has none.');
  const hasRanges = [...steps, ...overrides].some(
    ({ options }) => (options?.ranges ?? 'min-max') !== 'min-max',
  );
  if (hasRanges) {
    notes.add(
      'The choice of ranges is left out: ai-edge-quantizer takes moving averages of the least and the greatest value.',
    );
  }
}

function isByIndex({ match: { operator, subgraph } }: Override): boolean {
  return operator !== undefined || subgraph !== undefined;
}

/** The name in a match, null where it holds for every name. */
function nameOf({ name }: OperatorMatch): string | null {
  return name === undefined || matchesEverything(name) ? null : name;
}

/** Kinds that get entries of their own where they need them; null: all others. */
type Kind = string | null;

class EntryWriter {
  readonly entries: AeqEntry[] = [];
  private readonly steps: readonly RecipeStep[];
  private readonly overrides: readonly Override[];
  private readonly notes: Set<string>;
  private readonly kinds: readonly string[];
  /** What operators of each kind get that no name sets apart. */
  private readonly base = new Map<Kind, Wanted>();
  /** Kinds of which operators of some name get something else. */
  private readonly unsettled = new Set<Kind>();
  private lastRegex = '';

  constructor(steps: readonly RecipeStep[], overrides: readonly Override[], notes: Set<string>) {
    this.steps = steps;
    this.overrides = overrides;
    this.notes = notes;
    const named = overrides.flatMap((override) => (isByIndex(override) ? [] : (override.match.kind ?? [])));
    this.kinds = [...new Set([...weightKinds, ...named])];
    for (const kind of this.kinds) {
      if (operationOfKind(kind) !== null) continue;
      const isLeft = overrides.every(({ match, skip }) => match.kind !== kind || skip === true);
      if (!isLeft) notes.add(`${kind} is left out: ai-edge-quantizer does not know it, and leaves it float.`);
    }
  }

  /** Entries for operators of every name, then for those of each name, the last override's last. */
  addNames(): void {
    const names = new Set<string>();
    for (const override of this.overrides) {
      const name = isByIndex(override) ? null : nameOf(override.match);
      if (name === null) continue;
      names.delete(name);
      names.add(name);
    }
    this.addName(null);
    for (const name of names) this.addName(name);
    this.noteOverlaps([...names]);
  }

  /** Entries for the operators that overrides speak of by index, each by the names of its outputs. */
  addSingles(model: Model | null): void {
    const indexed = this.overrides.flatMap((override, index) => (isByIndex(override) ? [index] : []));
    if (indexed.length === 0) return;
    if (model === null) {
      const which = `${indexed.length === 1 ? 'override' : 'overrides'} ${indexed.map((index) => index + 1).join(', ')}`;
      this.notes.add(`Left out: ${which}, matched by index; with the model at hand they are given by name.`);
      return;
    }
    matchOverrides(model, this.overrides).forEach((operators, subgraph) =>
      operators.forEach((matched, index) => {
        if (!matched.some((override) => indexed.includes(override))) return;
        const { tensors, operators: all } = model.subgraphs[subgraph]!;
        const kind = operatorName(model, all[index]!);
        const operation = operationOfKind(kind);
        if (operation === null) return;
        const names = Array.from(all[index]!.outputs, (tensor) => tensors[tensor]?.name ?? '');
        if (names.length === 0 || names.includes('')) {
          this.notes.add(`Operator ${index} (${kind}) is left out: its output has no name.`);
          return;
        }
        this.push(exactly(names), operation, this.wantedFor(matched, kind));
      }),
    );
  }

  /** Entries for a name (null: every name): one for all kinds, and one for each kind that it does not suit. */
  private addName(name: string | null): void {
    const regex = name === null ? '.*' : toPython(name);
    const wanted = new Map<Kind, Wanted>();
    for (const kind of [null, ...this.kinds]) {
      if (kind === null || operationOfKind(kind) !== null)
        wanted.set(kind, this.wantedFor(this.held([name], kind), kind));
    }
    const others = wanted.get(null) ?? null;
    const isBase = name === null;
    const general = others ?? (isBase ? commonestForWeights([...wanted.values()]) : null);
    const isWritten = isBase ? general !== null : !this.isGiven(null, others);
    if (isWritten) this.push(regex, '*', general);
    if (isBase || (isWritten && general !== null)) this.pushEnds(regex, others);
    for (const [kind, own] of wanted) {
      if (kind === null) continue;
      const given = isWritten ? givenBy(general, kind) : null;
      // What an entry for all kinds does not fit gets what came before, and no_quantize fits all.
      const isSettled = given !== null || isBase || (isWritten && general === null);
      if (!(isSettled ? isSame(own, given) : this.isGiven(kind, own)))
        this.push(regex, operationOfKind(kind)!, own);
    }
    for (const [kind, own] of wanted) {
      if (isBase) this.base.set(kind, own);
      else if (!isSame(own, this.base.get(kind) ?? null)) this.unsettled.add(kind);
    }
  }

  /** Whether the entries so far surely give this to operators of a kind, whatever their names. */
  private isGiven(kind: Kind, wanted: Wanted): boolean {
    return !this.unsettled.has(kind) && isSame(wanted, this.base.get(kind) ?? null);
  }

  /** Overrides that surely hold for operators whose names match all of `names`, of a kind. */
  private held(names: readonly (string | null)[], kind: Kind): readonly number[] {
    return this.overrides.flatMap((override, index) => {
      const name = nameOf(override.match);
      const isKind = override.match.kind === undefined || override.match.kind === kind;
      return !isByIndex(override) && isKind && (name === null || names.includes(name)) ? [index] : [];
    });
  }

  /** What operators get for which these overrides hold. */
  private wantedFor(held: readonly number[], kind: Kind): Wanted {
    for (const step of this.steps) {
      const options = resolveOptions(passes[step.pass]!, step, this.overrides, held);
      if (options === null) continue;
      const { wanted, notes } = configFor(step.pass as SchemePass, options, kind);
      if (wanted === null) continue;
      for (const note of notes) this.notes.add(note);
      return wanted;
    }
    return null;
  }

  /** INPUT and OUTPUT, where an entry for all kinds does not make them what the recipe wants. */
  private pushEnds(regex: string, others: Wanted): void {
    const step = this.steps.find(({ pass }) => pass === 'integer');
    if (!step) return;
    for (const [operation, key] of [
      ['INPUT', 'inputs'],
      ['OUTPUT', 'outputs'],
    ] as const) {
      const type = String(step.options?.[key] ?? 'float32');
      if (type === (others?.activations ?? 'float32')) continue;
      this.push(regex, operation, type === 'float32' ? null : staticEntry(type));
    }
  }

  /** Operators that match two names get both overrides here, and the later entry there. */
  private noteOverlaps(names: readonly string[]): void {
    names.forEach((later, at) => {
      for (const earlier of names.slice(0, at)) {
        const differs = [null, ...this.kinds].some((kind) => {
          const both = this.wantedFor(this.held([earlier, later], kind), kind);
          return !isSame(both, this.wantedFor(this.held([later], kind), kind));
        });
        if (differs) {
          this.notes.add(
            `Operators that match both "${earlier}" and "${later}" get the entries of "${later}" alone: entries do not add up there.`,
          );
        }
      }
    });
  }

  private push(regex: string, operation: string, wanted: Wanted): void {
    this.entries.push({
      regex: this.placed(regex),
      operation,
      ...(wanted === null ? { algorithm_key: 'no_quantize' as const } : wanted.entry),
    });
  }

  /** An expression keeps the place where it came first: one that comes again is written otherwise, so that it comes last. */
  private placed(regex: string): string {
    if (regex === this.lastRegex) return this.entries.at(-1)!.regex;
    this.lastRegex = regex;
    let own = regex;
    while (this.entries.some((entry) => entry.regex === own)) own = `(?:${own})`;
    return own;
  }
}

function isSame(a: Wanted, b: Wanted): boolean {
  return JSON.stringify(a?.entry) === JSON.stringify(b?.entry);
}

/** What most kinds with weights get beside float activations: as an entry for all kinds, it leaves those without weights float. */
function commonestForWeights(all: readonly Wanted[]): Wanted {
  const texts = all.map((wanted) => JSON.stringify(wanted?.entry));
  const counts = all.map((wanted, index) =>
    wanted === null || wanted.mode === 'static' ? 0 : texts.filter((text) => text === texts[index]).length,
  );
  const most = Math.max(...counts);
  return most > 0 ? all[counts.indexOf(most)]! : null;
}
