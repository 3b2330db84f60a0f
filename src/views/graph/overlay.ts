/** Colours the operators of a graph by a figure instead of by their category. */
import { color as readColor, interpolateRgb, lab, rgb } from 'd3';
import { isDrawn } from '../../core/graph/groups-draw';
import type { NodeDataStop, NodeDataThreshold } from '../../core/graph/node-data';
import type { ViewGraph } from '../../core/graph/types';
import type { Theme } from './theme';

/** How figures become colours. */
export type Scale =
  /** One hue from the panel (`none`) to full (`full`); where figures span decades, by their logarithm. */
  | { readonly kind: 'ramp'; readonly none: number; readonly full: number; readonly isLog: boolean }
  /** Red, sand, green. */
  | { readonly kind: 'diverging'; readonly bad: number; readonly good: number }
  /** Figures are positions in `names`. */
  | {
      readonly kind: 'categories';
      readonly names: readonly string[];
      /** Position that is not coloured; left out where all are. */
      readonly plain?: number;
    }
  /** Colours of a file: up to each value (none above the last), or between the least and the greatest. */
  | { readonly kind: 'thresholds'; readonly thresholds: readonly NodeDataThreshold[] }
  | {
      readonly kind: 'gradient';
      readonly least: number;
      readonly most: number;
      readonly stops: readonly NodeDataStop[];
    };

/** A figure for operators, and how it is read. */
export interface Overlay {
  /** `Local SQNR`. */
  readonly title: string;
  /** By operator of the subgraph that is drawn. */
  readonly values: ReadonlyMap<number, number>;
  readonly scale: Scale;
  /**
   * What a node of several operators shows. Of categories a card shows that of its own operator (for `first` unless it is
   * plain), else what is folded into it; of several, `first` is the first of the scale, and with `alike` none stands for all.
   */
  readonly join: 'sum' | 'least' | 'most' | 'mean' | 'first' | 'alike';
  readonly format: (value: number) => string;
  /** What a node says where the figure alone would say too little: starts with a sign, `T int8`. */
  readonly words?: (cards: readonly ShownCard[], isGroup: boolean) => string;
}

/** A card that a node shows: its own, or one of those that a collapsed group hides. */
export interface ShownCard {
  /** The operator that the card is of; -1 where it has no figure. */
  readonly own: number;
  /** All operators with a figure, those folded into it too, in the order of the subgraph. */
  readonly operators: readonly number[];
}

/** An overlay for the nodes of one graph. */
export interface NodeHeat {
  /** By node; NaN without a figure. */
  readonly values: Float64Array;
  /** The figure in words by node; null without one. */
  readonly texts: readonly (string | null)[];
  /** What stands before a name where the figure has no room: the sign that its words start with. */
  readonly signs: readonly (string | null)[];
  readonly scale: Scale;
}

/** The last answer for each graph: the picture and its minimap ask for the same. */
const lastHeat = new WeakMap<ViewGraph, { readonly overlay: Overlay; readonly heat: NodeHeat }>();

/** Joins the figures of the operators that each node shows. */
export function heatOf(graph: ViewGraph, overlay: Overlay): NodeHeat {
  const last = lastHeat.get(graph);
  if (last?.overlay === overlay) return last.heat;
  const heat = joinFigures(graph, overlay);
  lastHeat.set(graph, { overlay, heat });
  return heat;
}

function joinFigures(graph: ViewGraph, overlay: Overlay): NodeHeat {
  const { scale, join } = overlay;
  const isCategory = join === 'first' || join === 'alike';
  const { values, texts } = isCategory ? joinCategories(graph, overlay) : joinNumbers(graph, overlay);
  const signs = texts.map((text) => (overlay.words && text !== null ? text.split(' ')[0]! : null));
  return { values, texts, signs, scale };
}

type Joined = Pick<NodeHeat, 'values' | 'texts'>;

function joinNumbers(graph: ViewGraph, { values, join, format }: Overlay): Joined {
  const count = graph.nodes.length;
  const joined = new Float64Array(count).fill(NaN);
  const members = new Int32Array(count);
  for (const [operator, value] of values) {
    const node = graph.nodeOfOperator[operator] ?? -1;
    if (node < 0 || Number.isNaN(value)) continue;
    members[node]!++;
    const before = joined[node]!;
    if (Number.isNaN(before)) joined[node] = value;
    else if (join === 'least') joined[node] = Math.min(before, value);
    else if (join === 'most') joined[node] = Math.max(before, value);
    else joined[node] = before + value;
  }
  const texts = Array.from(members, (shown, v): string | null => {
    if (shown === 0) return null;
    if (join === 'mean') joined[v]! /= shown;
    return format(joined[v]!);
  });
  return { values: joined, texts };
}

function joinCategories(graph: ViewGraph, overlay: Overlay): Joined {
  const whole = isDrawn(graph) ? graph.whole : graph;
  const cards = cardsOf(whole, overlay);
  const shown = graph.nodes.map((): ShownCard[] | null => null);
  cards.forEach((card, v) => {
    const node = isDrawn(graph) ? graph.shownBy[v]! : v;
    if (!card) return;
    const list = shown[node];
    if (list) list.push(card);
    else shown[node] = [card];
  });
  const joined = new Float64Array(shown.length).fill(NaN);
  const texts = shown.map((list, v): string | null => {
    if (!list) return null;
    const found = list.length === 1 ? categoriesOf(overlay, list[0]!) : categoriesOfAll(overlay, list);
    joined[v] = joinedCategory(overlay, found);
    if (overlay.words) return overlay.words(list, graph.nodes[v]!.kind === 'group');
    return Number.isNaN(joined[v]) ? countCategories(overlay, found) : overlay.format(joined[v]);
  });
  return { values: joined, texts };
}

/** The last answer for each graph: its groups are opened and closed, and the cards stay. */
const lastCards = new WeakMap<
  ViewGraph,
  { readonly overlay: Overlay; readonly cards: readonly (ShownCard | null)[] }
>();

/** What the card of each node of a whole graph shows; null where no operator of it has a figure. */
function cardsOf(whole: ViewGraph, overlay: Overlay): readonly (ShownCard | null)[] {
  const last = lastCards.get(whole);
  if (last?.overlay === overlay) return last.cards;
  const cards = whole.nodes.map((): { own: number; operators: number[] } | null => null);
  for (const [operator, value] of overlay.values) {
    const v = whole.nodeOfOperator[operator] ?? -1;
    if (v < 0 || Number.isNaN(value)) continue;
    const card = (cards[v] ??= { own: -1, operators: [] });
    card.operators.push(operator);
    const { kind, index } = whole.nodes[v]!;
    if (kind === 'operator' && index === operator) card.own = operator;
  }
  lastCards.set(whole, { overlay, cards });
  return cards;
}

/** The categories that stand for a card: its own, or those of what is folded into it where it has none to show. */
function categoriesOf({ values, scale, join }: Overlay, { own, operators }: ShownCard): number[] {
  const plain = scale.kind === 'categories' ? scale.plain : undefined;
  const value = values.get(own);
  if (value !== undefined && (join === 'alike' || value !== plain)) return [value];
  return operators.map((operator) => values.get(operator)!);
}

function categoriesOfAll(overlay: Overlay, cards: readonly ShownCard[]): number[] {
  return cards.flatMap((card) => categoriesOf(overlay, card));
}

/** Category of a node; NaN where several were found and none stands for all. */
function joinedCategory({ scale, join }: Overlay, categories: readonly number[]): number {
  // As a rule: graphs have thousands of such cards.
  if (categories.length === 1) return categories[0]!;
  const plain = scale.kind === 'categories' ? scale.plain : undefined;
  const found = new Set(categories);
  if (join === 'alike') return found.size === 1 ? [...found][0]! : NaN;
  // What happened to any outranks that nothing happened to the others.
  if (plain !== undefined && found.size > 1) found.delete(plain);
  return Math.min(...found);
}

/** A node names so many kinds by count. */
const MOST_COUNTED = 2;

/** `int8 13, float32 12`, the most frequent first; only how many there are where that would be long. */
function countCategories({ format }: Overlay, categories: readonly number[]): string {
  const counts = new Map<number, number>();
  for (const value of categories) counts.set(value, (counts.get(value) ?? 0) + 1);
  if (counts.size > MOST_COUNTED) return `mixed: ${counts.size} kinds`;
  const parts = [...counts].sort(([x, a], [y, b]) => b - a || x - y);
  return parts.map(([value, count]) => `${format(value)} ${count}`).join(', ');
}

/** Steps of a ramp: finer ones cannot be told apart, and few colours paint faster. */
const STEPS = 32;
/** Contrast that words on a card keep (WCAG 2 AA). */
const READABLE = 4.5;
/** Full colour would drown the card's edge stripe. */
const STRONGEST = 0.72;

const painted = new WeakMap<Theme, Map<string, string>>();

function remembered(theme: Theme, key: string, make: () => string): string {
  let colors = painted.get(theme);
  if (!colors) painted.set(theme, (colors = new Map<string, string>()));
  let color = colors.get(key);
  if (color === undefined) colors.set(key, (color = make()));
  return color;
}

/** Ground of a card, as strong as its words stay readable in `theme.ink`; null where the node has no figure. */
export function heatColor(heat: NodeHeat | null, v: number, theme: Theme): string | null {
  const color = blockColor(heat, v, theme);
  return color === null ? null : tint(color, theme);
}

/** Colour of a node without words on it; null where it has no figure. */
export function blockColor(heat: NodeHeat | null, v: number, theme: Theme): string | null {
  const value = heat?.values[v];
  if (!heat || value === undefined || Number.isNaN(value)) return null;
  return scaleColor(heat.scale, value, theme);
}

/** A colour made so light (or dark) that `theme.ink` on it has a contrast of 4.5:1. */
export function tint(color: string, theme: Theme): string {
  return remembered(theme, `tint ${color}`, () => {
    const mix = interpolateRgb(theme.panel, color);
    let share = STRONGEST;
    while (share > 0 && contrast(mix(share), theme.ink) < READABLE) share -= 0.04;
    return mix(Math.max(0, share));
  });
}

/** Full colour of a figure. */
export function scaleColor(scale: Scale, value: number, theme: Theme): string {
  switch (scale.kind) {
    case 'ramp':
    case 'diverging': {
      const step = Math.round(shareOf(scale, value) * STEPS);
      return remembered(theme, `${scale.kind} ${step}`, () =>
        scale.kind === 'ramp' ? rampColor(step / STEPS, theme) : divergingColor(step / STEPS, theme),
      );
    }
    case 'categories':
      return value === scale.plain ? theme.panel : categoryColor(value, theme);
    case 'thresholds':
      return scale.thresholds.find((one) => value <= one.value)?.color ?? theme.panel;
    case 'gradient': {
      const span = scale.most - scale.least;
      return gradientColor(scale.stops, span > 0 ? (value - scale.least) / span : 0, theme);
    }
  }
}

/** Where a figure lies on its scale, 0 to 1. */
export function shareOf(
  scale: Extract<Scale, { readonly kind: 'ramp' | 'diverging' }>,
  value: number,
): number {
  const [from, to] = scale.kind === 'ramp' ? [scale.none, scale.full] : [scale.bad, scale.good];
  if (value === Infinity) return to > from ? 1 : 0;
  const share =
    scale.kind === 'ramp' && scale.isLog
      ? value <= 0
        ? 0
        : Math.log(value / from) / Math.log(to / from)
      : (value - from) / (to - from);
  return Number.isNaN(share) ? 0 : Math.min(1, Math.max(0, share));
}

/** The figure at a place of the scale, the other way round. */
export function valueAt(
  scale: Extract<Scale, { readonly kind: 'ramp' | 'diverging' }>,
  share: number,
): number {
  if (scale.kind === 'diverging') return scale.bad + share * (scale.good - scale.bad);
  const { none, full, isLog } = scale;
  return isLog ? none * (full / none) ** share : none + share * (full - none);
}

/** One hue: in the light scheme it darkens, in the dark one it brightens. */
function rampColor(share: number, theme: Theme): string {
  return interpolateRgb(theme.panel, theme.category.dense)(share);
}

/** Red and green differ in lightness too, for eyes that do not tell them apart. */
function divergingColor(share: number, theme: Theme): string {
  const isDark = lab(theme.panel).l < 50;
  const [red, sand, green] = isDark ? ['#e0564a', '#8f7a45', '#8fe0b0'] : ['#b3261e', '#e3c98a', '#2f9464'];
  return share < 0.5 ? interpolateRgb(red, sand)(share * 2) : interpolateRgb(sand, green)(share * 2 - 1);
}

const CATEGORY_ORDER = [
  'convolution',
  'quantization',
  'pooling',
  'normalization',
  'activation',
  'shape',
  'arithmetic',
  'other',
] as const;

/** Colour of the nth category; they begin again after eight. */
export function categoryColor(position: number, theme: Theme): string {
  return theme.category[CATEGORY_ORDER[position % CATEGORY_ORDER.length]!];
}

function gradientColor(stops: readonly NodeDataStop[], share: number, theme: Theme): string {
  const above = stops.findIndex(({ stop }) => stop >= share);
  if (above === -1) return stops.at(-1)?.color ?? theme.panel;
  const [from, to] = [stops[above - 1], stops[above]!];
  if (!from || to.stop === from.stop) return to.color;
  const step = Math.round(((share - from.stop) / (to.stop - from.stop)) * STEPS) / STEPS;
  return interpolateRgb(from.color, to.color)(step);
}

/** Thresholds or stops whose colours a page can draw, as hex colours. */
export function knownColors<T extends { readonly color: string }>(items: readonly T[]): T[] {
  return items.flatMap((item) => {
    const known = readColor(item.color);
    return known ? [{ ...item, color: known.formatHex() }] : [];
  });
}

/** Contrast of two colours, 1 to 21 (WCAG 2). */
export function contrast(first: string, second: string): number {
  const [x, y] = [luminance(first), luminance(second)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

function luminance(color: string): number {
  const { r, g, b } = rgb(color);
  const linear = (part: number) =>
    part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4;
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
}

/**
 * The colours of an overlay for other programs: its own where it came with some, else thresholds. The last one is at the
 * greatest figure, because what is above it has no colour.
 */
export function exportColors(
  { scale, values }: Pick<Overlay, 'scale' | 'values'>,
  theme: Theme,
): { readonly thresholds: readonly NodeDataThreshold[]; readonly gradient: readonly NodeDataStop[] } {
  const hex = (color: string) => rgb(color).formatHex();
  switch (scale.kind) {
    case 'thresholds':
      return { thresholds: scale.thresholds, gradient: [] };
    case 'gradient':
      return { thresholds: [], gradient: scale.stops };
    case 'categories':
      return {
        thresholds: scale.names.map((_, value) => ({ value, color: hex(scaleColor(scale, value, theme)) })),
        gradient: [],
      };
    default: {
      const parts = 8;
      let most = valueAt(scale, 1);
      for (const value of values.values()) if (value > most && value < Infinity) most = value;
      const thresholds = Array.from({ length: parts }, (_, i) => ({
        value: i === parts - 1 ? most : valueAt(scale, (i + 1) / parts),
        color: hex(scaleColor(scale, valueAt(scale, (i + 0.5) / parts), theme)),
      }));
      return { thresholds, gradient: [] };
    }
  }
}
