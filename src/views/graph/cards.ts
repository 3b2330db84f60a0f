/** Size and text of every card. All lengths in CSS pixels at zoom 1. */
import type { LayoutRequest } from '../../core/graph/layout/types';
import type { ViewGraph, ViewNode } from '../../core/graph/types';
import type { Steps } from '../../core/steps';
import { ICON_SIZE } from './paint-icon';
import type { Theme } from './theme';

export const TITLE_SIZE = 12;
export const ROW_SIZE = 11;
export const PADDING = 16;
export const HEADER_HEIGHT = 32;
export const ROW_HEIGHT = 16;
export const STRIP_HEIGHT = 18;
export const PILL_HEIGHT = 30;
export const PILL_PADDING = 22;
export const PILL_GAP = 8;
/** Room under the last row. */
export const FOOTER_HEIGHT = 4;
const MIN_WIDTH = 200;
const MAX_WIDTH = 380;
const MAX_PORTS_WIDTH = 720;
const MAX_TITLE = 46;
const MAX_ROWS = 6;
const MAX_ROW_TEXT = 26;
const MAX_ROW_LABEL = 18;
/** From the left of the category's sign to the title, and around the dtype beside it. */
export const ICON_SPACE = ICON_SIZE + 6;
export const BADGE_GAP = 8;
export const BADGE_PADDING = 5;
const COLUMN_GAP = 10;
/** Room at the right of a title for the figure of an overlay, whichever it is. */
const WIDEST_FIGURE = '00.0 KiB';

export interface CardRow {
  readonly label: string;
  readonly text: string;
  readonly dtype: string;
  /** Constant that the row stands for, or null for a remark. */
  readonly tensor: number | null;
  /** Subgraph that the row leads to. */
  readonly subgraph?: number;
}

export interface Card {
  readonly title: string;
  readonly titleWidth: number;
  readonly rows: readonly CardRow[];
  /** What the operator computes in, beside its title, and how wide it is with its frame. */
  readonly badge?: { readonly text: string; readonly width: number };
  /** Where the columns of the rows begin, from the card's left. */
  readonly textColumn: number;
  readonly dtypeColumn: number;
}

export interface Cards {
  readonly card: readonly Card[];
  readonly widths: Float64Array;
  readonly heights: Float64Array;
  /** Width of the label of edge i; 0 where another edge of the same output bears it, or it does not fit. */
  readonly labelWidths: Float64Array;
}

export type MeasureText = (text: string, font: string) => number;

/** Measures on a canvas and remembers every text. */
export function textMeasurer(): MeasureText {
  const context = document.createElement('canvas').getContext('2d')!;
  const known = new Map<string, Map<string, number>>();
  return (text, font) => {
    let widths = known.get(font);
    if (!widths) known.set(font, (widths = new Map<string, number>()));
    let width = widths.get(text);
    if (width === undefined) {
      context.font = font;
      widths.set(text, (width = context.measureText(text).width));
    }
    return width;
  };
}

export const titleFont = (theme: Theme, size = TITLE_SIZE) => `600 ${size}px ${theme.font}`;
export const rowFont = (theme: Theme) => `400 ${ROW_SIZE}px ${theme.mono}`;
export const badgeFont = (theme: Theme) => `400 10px ${theme.mono}`;

/** Cuts a text to `length` characters, keeping its end, which tells names of one scope apart. */
export function shorten(text: string, length: number): string {
  return text.length <= length ? text : `…${text.slice(text.length - length + 1)}`;
}

/** Lays out the inside of every card, one after another. */
export function* cardSteps(graph: ViewGraph, measure: MeasureText, theme: Theme): Steps<Cards> {
  const { nodes, edgeFrom, edgePort, edgeLabel } = graph;
  const widths = new Float64Array(nodes.length);
  const heights = new Float64Array(nodes.length);
  const card: Card[] = [];
  for (const [v, node] of nodes.entries()) {
    const measured = measureCard(node, measure, theme);
    widths[v] = measured.width;
    heights[v] = measured.height;
    card.push(measured.card);
    yield v / nodes.length;
  }
  const labelWidths = new Float64Array(edgeFrom.length);
  const labelled = new Set<string>();
  const portsOf = new Map<number, number[]>();
  for (let e = 0; e < edgeFrom.length; e++) {
    const port = `${edgeFrom[e]} ${edgePort[e]}`;
    if (labelled.has(port)) continue;
    labelled.add(port);
    labelWidths[e] = measure(edgeLabel[e]!, rowFont(theme));
    yield 1;
    const edges = portsOf.get(edgeFrom[e]!);
    if (edges) edges.push(e);
    else portsOf.set(edgeFrom[e]!, [e]);
  }
  // Several outputs leave side by side: the card widens for their labels, or does without them.
  for (const [node, edges] of portsOf) {
    if (edges.length < 2) continue;
    const slot = Math.max(...edges.map((e) => labelWidths[e]!)) + 2 * COLUMN_GAP;
    const wanted = slot * edges.length + 2 * PADDING;
    if (wanted <= MAX_PORTS_WIDTH) widths[node] = Math.max(widths[node]!, wanted);
    else for (const e of edges) labelWidths[e] = 0;
  }
  return { card, widths, heights, labelWidths };
}

function measureCard(node: ViewNode, measure: MeasureText, theme: Theme) {
  const title = shorten(node.title, MAX_TITLE);
  const titleWidth = measure(title, titleFont(theme));
  if (node.kind !== 'operator') {
    const kindWidth = title === node.kind ? 0 : measure(node.kind, rowFont(theme)) + PILL_GAP;
    const card: Card = { title, titleWidth, rows: [], textColumn: 0, dtypeColumn: 0 };
    return { card, width: Math.ceil(titleWidth + kindWidth + 2 * PILL_PADDING), height: PILL_HEIGHT };
  }
  const rows = cardRows(node);
  const width = (text: string) => measure(text, rowFont(theme));
  const labelWidth = Math.max(0, ...rows.map((row) => width(row.label)));
  const textWidth = Math.max(0, ...rows.map((row) => (row.dtype === '' ? 0 : width(row.text))));
  const textColumn = PADDING + labelWidth + COLUMN_GAP;
  const dtypeColumn = textColumn + textWidth + COLUMN_GAP;
  const rowsWidth = Math.max(
    0,
    ...rows.map((row) => (row.dtype === '' ? textColumn + width(row.text) : dtypeColumn + width(row.dtype))),
  );
  const badge = badgeOf(node, measure, theme);
  const costWidth = Math.max(width(WIDEST_FIGURE), width(node.cost ?? '')) + 2 * COLUMN_GAP;
  const header = PADDING + ICON_SPACE + titleWidth + (badge ? BADGE_GAP + badge.width : 0) + costWidth;
  const content = Math.max(header, rowsWidth) + PADDING - 2;
  return {
    card: { title, titleWidth, rows, textColumn, dtypeColumn, ...(badge ? { badge } : {}) } satisfies Card,
    width: Math.ceil(Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, content))),
    height:
      HEADER_HEIGHT +
      (rows.length > 0 ? rows.length * ROW_HEIGHT + FOOTER_HEIGHT : 0) +
      (node.activation === null ? 0 : STRIP_HEIGHT),
  };
}

/** `int8`; a float operator among integer ones says so in a word. */
function badgeOf({ dtype, isIsland }: ViewNode, measure: MeasureText, theme: Theme): Card['badge'] {
  if (dtype === undefined) return undefined;
  const text = isIsland ? `${dtype} island` : dtype;
  return { text, width: measure(text, badgeFont(theme)) + 2 * BADGE_PADDING };
}

/** Subgraphs that it calls, constants, and decoded options of a custom operator. */
function cardRows(node: ViewNode): CardRow[] {
  const rows: CardRow[] = [
    ...(node.calls ?? []).map(({ role, subgraph, name }) => ({
      label: cut(role, MAX_ROW_LABEL),
      text: cut(`subgraph ${subgraph}${name === '' ? '' : ` ${name}`}`, MAX_ROW_TEXT),
      dtype: '',
      tensor: null,
      subgraph,
    })),
    ...node.rows.map((row) => ({ ...row, text: cut(row.text, MAX_ROW_TEXT) })),
    ...(node.attributes ?? []).map(({ label, text }) => ({
      label: cut(label, MAX_ROW_LABEL),
      text: cut(text, MAX_ROW_TEXT),
      dtype: '',
      tensor: null,
    })),
  ];
  if (rows.length <= MAX_ROWS) return rows;
  const rest = rows.length - MAX_ROWS + 1;
  return [...rows.slice(0, MAX_ROWS - 1), { label: '…', text: `${rest} more`, dtype: '', tensor: null }];
}

/** Cuts a text to `length` characters, keeping its beginning. */
function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/** The layout's question for a graph and its cards. */
export function layoutRequest(
  graph: ViewGraph,
  cards: Cards,
  direction: LayoutRequest['direction'] = 'down',
): LayoutRequest {
  return {
    direction,
    widths: cards.widths,
    heights: cards.heights,
    edgeFrom: graph.edgeFrom,
    edgeTo: graph.edgeTo,
    edgePort: graph.edgePort,
    labelWidths: cards.labelWidths,
  };
}
