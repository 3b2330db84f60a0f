/** Rules of which the last counts, as steps that run one after the other and overrides that keep operators out of them. */
import type { Options, OptionValue, OperatorMatch, Override } from '../types';
import {
  effectOn,
  mayTake,
  type Rule,
  type Scheme,
  type SchemePass,
  schemePasses,
  speaksOf,
} from './schemes';

const floats: Rule = { name: null, kinds: null, except: [], scheme: null };

export interface WrittenRules {
  /** Passes in the order of their steps. */
  readonly passNames: readonly SchemePass[];
  /** Options of the steps. */
  readonly options: Readonly<Record<string, Options>>;
  readonly overrides: readonly Override[];
}

/**
 * Steps and overrides for rules of which the last counts. Rules of one kind of operators go last and whole where a rule
 * for all kinds spares that kind, because an override for all would not.
 */
export function writeRules(rules: readonly Rule[]): WrittenRules {
  const usesDynamicRange = rules.some(({ scheme }) => scheme?.pass === 'dynamic-range');
  const apart = new Set(rules.flatMap(({ except }) => except));
  if (usesDynamicRange) apart.add('DEPTHWISE_CONV_2D');
  const general = trimmed(
    rules.flatMap((rule) => {
      const kinds = rule.kinds?.filter((kind) => !apart.has(kind)) ?? null;
      return kinds?.length === 0 ? [] : [{ ...rule, kinds }];
    }),
    null,
  );
  const blocks = [...apart].flatMap((kind) => {
    const own = trimmed(rules, kind);
    const isSame = describe(own, kind) === describe(trimmed(general, kind, true), kind);
    return isSame ? [] : [{ kind, rules: own }];
  });
  const all = [...general, ...blocks.flatMap((block) => block.rules)];
  const passNames = schemePasses.filter((pass) => all.some(({ scheme }) => scheme?.pass === pass));
  const options: Record<string, Options> = {};
  for (const pass of passNames) {
    const { scheme } = all.find((rule) => rule.scheme?.pass === pass)!;
    options[pass] = effectOn(scheme, null)!.options;
  }
  // Where dynamic range leaves all depthwise convolutions, its own option for them says so without overrides.
  const depthwise = blocks.find(({ kind }) => kind === 'DEPTHWISE_CONV_2D');
  const isAlone = passNames.length === 1 && passNames[0] === 'dynamic-range';
  const isIdle = isAlone && depthwise?.rules.every(({ scheme }) => scheme === null);
  const kept = isIdle ? blocks.filter((block) => block !== depthwise) : blocks;
  const overrides = overridesFor(passNames, options, general, kept);
  if (isIdle) options['dynamic-range'] = { ...options['dynamic-range'], depthwise: false };
  return { passNames, options, overrides };
}

/** Rules of one kind. */
interface Block {
  readonly kind: string;
  readonly rules: readonly Rule[];
}

function overridesFor(
  passNames: readonly SchemePass[],
  options: Readonly<Record<string, Options>>,
  general: readonly Rule[],
  blocks: readonly Block[],
): readonly Override[] {
  const writer = new OverrideWriter(passNames, options);
  general.forEach((rule, index) => writer.add(rule, null, index === 0));
  for (const block of blocks) for (const rule of block.rules) writer.add(rule, block.kind, false);
  return writer.overrides;
}

/** The rules that speak of a kind, from the last one on that holds for every name; floats at first where none does. */
function trimmed(rules: readonly Rule[], kind: string | null, ignoresExcept = false): Rule[] {
  const own =
    kind === null
      ? [...rules]
      : rules.filter((rule) => speaksOf(ignoresExcept ? { ...rule, except: [] } : rule, kind));
  const last = own.findLastIndex((rule) => rule.name === null && (kind !== null || rule.kinds === null));
  return last < 0 ? [floats, ...own] : own.slice(last);
}

/** What rules do to a kind, for comparing. */
function describe(rules: readonly Rule[], kind: string): string {
  return JSON.stringify(rules.map(({ name, scheme }) => [name, effectOn(scheme, kind)]));
}

/** Writes overrides, and only what changes something after those before. */
class OverrideWriter {
  readonly overrides: Override[] = [];
  /** What any override so far says of a pass: some operators are out of it, some are in. */
  private readonly mayBeOut = new Set<SchemePass>();
  private readonly mayBeIn: Set<SchemePass>;
  /** Options that overrides changed, as `pass/key`, and the kinds for which they did (null: all). */
  private readonly touched = new Map<string, (string | null)[]>();

  private readonly passNames: readonly SchemePass[];
  private readonly options: Readonly<Record<string, Options>>;

  constructor(passNames: readonly SchemePass[], options: Readonly<Record<string, Options>>) {
    this.passNames = passNames;
    this.options = options;
    this.mayBeIn = new Set(passNames);
  }

  /** Adds a rule for operators of `kind` (null: those that the rule itself names). `isFirst`: it holds for all of them. */
  add(rule: Rule, kind: string | null, isFirst: boolean): void {
    const kinds = kind === null ? (rule.kinds ?? [null]) : [kind];
    for (const own of kinds) this.addMatch(matchOf(rule.name, own), effectOn(rule.scheme, own), own);
    if (!isFirst) return;
    const own = rule.scheme?.pass;
    for (const pass of this.passNames) if (pass !== own) this.mayBeIn.delete(pass);
  }

  private addMatch(match: OperatorMatch, scheme: Scheme, kind: string | null): void {
    for (const pass of this.passNames) {
      if (pass === scheme?.pass || !this.mayBeIn.has(pass)) continue;
      if (!mayTake(pass, kind)) continue;
      this.overrides.push({ match, pass, skip: true });
      this.mayBeOut.add(pass);
    }
    if (scheme === null) return;
    const { pass } = scheme;
    const own = this.options[pass]!;
    const step = effectOn({ pass, options: own }, kind)?.options ?? own;
    const changed = Object.entries(scheme.options).filter(([key, value]) => {
      const isChanged = value !== step[key];
      const isTouched = this.isTouched(`${pass}/${key}`, kind);
      if (isChanged)
        this.touched.set(`${pass}/${key}`, [...(this.touched.get(`${pass}/${key}`) ?? []), kind]);
      return isChanged || isTouched;
    });
    const isBack = this.mayBeOut.has(pass);
    if (!isBack && changed.length === 0) return;
    const options: Record<string, OptionValue> = Object.fromEntries(changed);
    this.overrides.push({
      match,
      pass,
      ...(isBack ? { skip: false } : {}),
      ...(changed.length > 0 ? { options } : {}),
    });
    this.mayBeIn.add(pass);
  }

  /** Whether an override before this one changed the option for some operator of the kind. */
  private isTouched(option: string, kind: string | null): boolean {
    const kinds = this.touched.get(option) ?? [];
    return kind === null ? kinds.length > 0 : kinds.some((other) => other === null || other === kind);
  }
}

function matchOf(name: string | null, kind: string | null): OperatorMatch {
  if (name === null && kind === null) return { name: '.*' };
  return { ...(name === null ? {} : { name }), ...(kind === null ? {} : { kind }) };
}
