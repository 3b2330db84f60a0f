/** Colours the operators of a graph by a figure instead of by their category. */
import { color as readColor, interpolateRgb, lab, rgb } from 'd3';
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
  /** What a node of several operators shows: `first` that of its own operator, else of most operators. */
  readonly join: 'sum' | 'least' | 'most' | 'mean' | 'first';
  readonly format: (value: number) => string;
  /** What a card says where the figure alone would say too little: starts with a sign, `T int8`. */
  readonly words?: (operator: number) => string;
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

function joinFigures(graph: ViewGraph, { values, scale, join, format, words }: Overlay): NodeHeat {
  const count = graph.nodes.length;
  const joined = new Float64Array(count).fill(NaN);
  const members = new Int32Array(count);
  const votes = join === 'first' ? Array.from({ length: count }, () => new Map<number, number>()) : [];
  for (const [operator, value] of values) {
    const node = graph.nodeOfOperator[operator] ?? -1;
    if (node < 0 || Number.isNaN(value)) continue;
    members[node]!++;
    const before = joined[node]!;
    if (join === 'first') votes[node]!.set(value, (votes[node]!.get(value) ?? 0) + 1);
    else if (Number.isNaN(before)) joined[node] = value;
    else if (join === 'least') joined[node] = Math.min(before, value);
    else if (join === 'most') joined[node] = Math.max(before, value);
    else joined[node] = before + value;
  }
  const texts = graph.nodes.map(({ kind, index }, v): string | null => {
    if (members[v] === 0) return null;
    const own = kind === 'operator' ? values.get(index) : undefined;
    if (join === 'mean') joined[v]! /= members[v]!;
    if (join !== 'first') return format(joined[v]!);
    joined[v] = own ?? [...votes[v]!].reduce((most, vote) => (vote[1] > most[1] ? vote : most))[0];
    if (own !== undefined) return words?.(index) ?? format(own);
    const others = votes[v]!.size - 1;
    return others > 0 ? `${format(joined[v])} +${others}` : format(joined[v]);
  });
  const signs = texts.map((text) => (words && text !== null ? text.split(' ')[0]! : null));
  return { values: joined, texts, signs, scale };
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
