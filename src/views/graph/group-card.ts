/** What the card and the title strip of a group say, and how large the card is. */
import type { DrawnGraph } from '../../core/graph/groups-draw';
import { framesOf } from '../../core/graph/groups-draw';
import type { LayoutRequest } from '../../core/graph/layout/types';
import type { Group } from '../../core/graph/types';
import { formatBytes, formatCount, plural } from '../../core/format';
import {
  type Card,
  type Cards,
  cardSteps,
  FOOTER_HEIGHT,
  HEADER_HEIGHT,
  layoutRequest,
  type MeasureText,
  PADDING,
  ROW_HEIGHT,
  rowFont,
  shorten,
  titleFont,
} from './cards';
import type { Steps } from '../../core/steps';
import type { Theme } from './theme';

/** Height of the strip at the top of an expanded group, and room around what it holds. */
export const TITLE_HEIGHT = 28;
export const FRAME_PADDING = 18;
/** Room for the mark that tells whether a group is open. */
export const CHEVRON = 18;
export const TITLE_GAP = 10;
const MAX_TITLE = 46;
const LEAST_WIDTH = 200;
const MAX_WIDTH = 440;

/** `CONV_2D to ADD`, cut where it is long. */
export function groupTitle({ name }: Group): string {
  return shorten(name, MAX_TITLE);
}

/** `3 of 12`, or empty for a group like no other. */
export function repeatText({ repeats, ordinal }: Group): string {
  return repeats > 1 ? `${ordinal} of ${repeats}` : '';
}

/** `24 operators`. */
export function operatorText({ operatorCount }: Group): string {
  return plural(operatorCount, 'operator');
}

/** Operators and bytes, on one line. */
export function groupFacts(group: Group): string {
  const bytes = group.sizeBytes > 0 ? ` · ${formatBytes(group.sizeBytes)}` : '';
  return operatorText(group) + bytes;
}

/** Name and facts of a group, one line each. */
export function describeGroup(group: Group): { readonly name: string; readonly lines: readonly string[] } {
  const lines = [
    groupFacts(group),
    group.macs > 0 ? `${formatCount(group.macs)} MACs` : '',
    group.repeats > 1 ? `${group.ordinal} of ${group.repeats} that are built alike` : '',
  ];
  return { name: group.name, lines: lines.filter((line) => line !== '') };
}

/** A group in words, for screen readers. */
export function announceGroup(group: Group, isCollapsed: boolean): string {
  const alike = group.repeats > 1 ? `, ${group.ordinal} of ${group.repeats}` : '';
  return `group ${group.name}${alike}, ${operatorText(group)}, ${isCollapsed ? 'collapsed' : 'expanded'}`;
}

/** Lays out the inside of every card, those of collapsed groups too. */
export function* drawnCardSteps(drawn: DrawnGraph, measure: MeasureText, theme: Theme): Steps<Cards> {
  const cards = yield* cardSteps(drawn, measure, theme);
  const card = drawn.nodes.map((node, v): Card => {
    const group = drawn.groups.list[node.index];
    if (node.kind !== 'group' || !group) return cards.card[v]!;
    const title = groupTitle(group);
    const titleWidth = measure(title, titleFont(theme));
    const width = (text: string) => (text === '' ? 0 : measure(text, rowFont(theme)) + TITLE_GAP);
    const header = CHEVRON + titleWidth + width(repeatText(group)) + width(node.cost ?? '');
    const content = Math.max(header, CHEVRON + measure(groupFacts(group), rowFont(theme)));
    const wanted = Math.ceil(Math.min(MAX_WIDTH, Math.max(LEAST_WIDTH, content + 2 * PADDING)));
    cards.widths[v] = Math.max(cards.widths[v]!, wanted);
    cards.heights[v] = HEADER_HEIGHT + ROW_HEIGHT + FOOTER_HEIGHT;
    return { title, titleWidth, rows: [], textColumn: 0, dtypeColumn: 0 };
  });
  return { ...cards, card };
}

/** The layout's question for a graph with groups. */
export function drawnRequest(
  drawn: DrawnGraph,
  cards: Cards,
  direction: LayoutRequest['direction'],
  measure: MeasureText,
  theme: Theme,
): LayoutRequest {
  const width = (text: string, font: string) => (text === '' ? 0 : measure(text, font) + TITLE_GAP);
  const titleWidth = (group: Group) =>
    CHEVRON +
    width(groupTitle(group), titleFont(theme)) +
    width(repeatText(group), rowFont(theme)) +
    width(operatorText(group), rowFont(theme)) +
    PADDING;
  return {
    ...layoutRequest(drawn, cards, direction),
    frames: framesOf(drawn, TITLE_HEIGHT, FRAME_PADDING, titleWidth),
  };
}
