import type { Border } from '../../core/graph/types';
import {
  BADGE_GAP,
  BADGE_PADDING,
  badgeFont,
  FOOTER_HEIGHT,
  HEADER_HEIGHT,
  ICON_SPACE,
  PADDING,
  PILL_GAP,
  PILL_PADDING,
  ROW_HEIGHT,
  ROW_SIZE,
  rowFont,
  STRIP_HEIGHT,
  TITLE_SIZE,
  titleFont,
} from './cards';
import { blockColor, heatColor } from './overlay';
import type { Marks } from './paint';
import { paintIcon } from './paint-icon';
import { nodeBox, type Box, type Scene } from './scene';
import type { Surface } from './surface';
import type { Theme } from './theme';

const RADIUS = 8;
const STRIPE = 5;
/** Size on screen that names keep when the view is zoomed out, and the largest size in the scene. */
const NAME_PIXELS = 10;
const LARGEST_NAME = 40;
const BADGE_HEIGHT = 14;
/** Sign of a QUANTIZE or DEQUANTIZE at an edge of a card: its size, and how far it stays from the corner. */
const BORDER_HEIGHT = 13;
const BORDER_WIDTH = 22;
const BORDER_GAP = 14;
/** How far its middle stands out, off the words on the card. */
const BORDER_OUT = 3;

/** A card with everything on it. */
export function paintCard(context: Surface, scene: Scene, v: number, theme: Theme, marks: Marks): void {
  const box = nodeBox(scene, v);
  const node = scene.graph.nodes[v]!;
  paintFrame(context, scene, v, box, 1, theme, marks);
  context.textAlign = 'left';
  context.textBaseline = 'alphabetic';
  if (node.kind !== 'operator') {
    const { title, titleWidth } = scene.cards.card[v]!;
    context.font = titleFont(theme);
    context.fillStyle = theme.ink;
    const baseline = (box.top + box.bottom) / 2 + TITLE_SIZE / 3;
    context.fillText(title, box.left + PILL_PADDING, baseline);
    if (title === node.kind) return;
    context.font = rowFont(theme);
    context.fillStyle = theme.inkFaint;
    context.fillText(node.kind, box.left + PILL_PADDING + titleWidth + PILL_GAP, baseline);
    return;
  }
  context.save();
  context.beginPath();
  context.rect(box.left, box.top, box.right - box.left, box.bottom - box.top);
  context.clip();
  paintContent(context, scene, v, box, theme, marks);
  context.restore();
  if (node.borders) paintBorders(context, node.borders, box, scene.layout.direction, theme);
}

/** What the operator computes in, in a frame; one that is an island has the frame of a warning. */
function paintBadge(
  context: Surface,
  { text, width }: { readonly text: string; readonly width: number },
  x: number,
  y: number,
  isIsland: boolean,
  isTinted: boolean,
  theme: Theme,
): void {
  context.beginPath();
  context.roundRect(x, y, width, BADGE_HEIGHT, 4);
  context.lineWidth = 1;
  context.strokeStyle = isIsland ? theme.bad : theme.border;
  context.stroke();
  context.font = badgeFont(theme);
  context.fillStyle = isIsland || isTinted ? theme.ink : theme.inkSoft;
  context.fillText(text, x + BADGE_PADDING, y + BADGE_HEIGHT - 4);
}

/** QUANTIZE and DEQUANTIZE that are folded into an operator, on the side where they work; each kind once. */
function paintBorders(
  context: Surface,
  borders: readonly Border[],
  { left, top, right, bottom }: Box,
  direction: Scene['layout']['direction'],
  theme: Theme,
): void {
  for (const side of ['in', 'out'] as const) {
    const kinds = [...new Set(borders.filter((border) => border.side === side).map(({ kind }) => kind))];
    kinds.forEach((kind, i) => {
      const along = BORDER_GAP + BORDER_WIDTH / 2 + i * (BORDER_WIDTH + 4);
      const [x, y] =
        direction === 'down'
          ? // Away from the labels, which stand to the right of their edges.
            [left + along, side === 'in' ? top - BORDER_OUT : bottom + BORDER_OUT]
          : [side === 'in' ? left : right, bottom - BORDER_HEIGHT / 2 - i * (BORDER_HEIGHT + 2)];
      context.beginPath();
      context.roundRect(x - BORDER_WIDTH / 2, y - BORDER_HEIGHT / 2, BORDER_WIDTH, BORDER_HEIGHT, 6);
      context.fillStyle = theme.panel;
      context.fill();
      context.lineWidth = 1;
      context.strokeStyle = theme.category.quantization;
      context.stroke();
      context.font = badgeFont(theme);
      context.fillStyle = theme.ink;
      context.textAlign = 'center';
      context.fillText(kind, x, y + 3);
    });
  }
  context.textAlign = 'left';
}

function paintContent(context: Surface, scene: Scene, v: number, box: Box, theme: Theme, marks: Marks): void {
  const node = scene.graph.nodes[v]!;
  const { title, titleWidth, rows, textColumn, dtypeColumn, badge } = scene.cards.card[v]!;
  const left = box.left + PADDING;
  paintIcon(context, node.category, left, box.top + 10, theme);
  context.font = titleFont(theme);
  context.fillStyle = theme.ink;
  context.fillText(title, left + ICON_SPACE, box.top + 20);
  let headerEnd = left + ICON_SPACE + titleWidth;
  if (badge) {
    paintBadge(
      context,
      badge,
      headerEnd + BADGE_GAP,
      box.top + 9,
      node.isIsland === true,
      marks.heat !== null,
      theme,
    );
    headerEnd += BADGE_GAP + badge.width;
  }
  context.font = rowFont(theme);
  // On a tint only the full ink is readable for certain.
  const soft = marks.heat ? theme.ink : theme.inkSoft;
  const room = box.right - 12 - headerEnd - PILL_GAP;
  const fits = (text: string) => context.measureText(text).width <= room;
  const wanted = marks.heat ? marks.heat.texts[v]! : node.cost;
  const corner = wanted !== null && marks.heat && !fits(wanted) ? wanted.split(' ')[0]! : wanted;
  if (corner !== null && fits(corner)) {
    context.textAlign = 'right';
    context.fillStyle = soft;
    context.fillText(corner, box.right - 12, box.top + 20);
    context.textAlign = 'left';
  }
  rows.forEach((row, i) => {
    const top = box.top + HEADER_HEIGHT + i * ROW_HEIGHT;
    if (row.tensor !== null && row.tensor === marks.tensor) {
      context.fillStyle = theme.accentSoft;
      context.fillRect(box.left + STRIPE + 4, top - 1, box.right - box.left - STRIPE - 8, ROW_HEIGHT);
    }
    const baseline = top + ROW_SIZE;
    context.fillStyle = soft;
    context.fillText(row.label, left, baseline);
    if (row.subgraph !== undefined) {
      // A link: in the accent, and underlined.
      context.fillStyle = marks.heat ? theme.ink : theme.accent;
      const width = context.measureText(row.text).width;
      context.fillRect(box.left + textColumn, baseline + 3, width, 1);
    }
    context.fillText(row.text, box.left + textColumn, baseline);
    if (row.dtype === '') return;
    context.fillText(row.dtype, box.left + dtypeColumn, baseline);
  });
  if (node.activation !== null) {
    const top = box.bottom - STRIP_HEIGHT;
    context.fillStyle = marks.heat ? theme.ink : theme.activation;
    context.fillText(node.activation, left, top + STRIP_HEIGHT - 5);
  }
}

/** Frame, category stripe, activation strip and ring; `unit` is a scene length of one screen pixel or more. */
function paintFrame(
  context: Surface,
  scene: Scene,
  v: number,
  { left, top, right, bottom }: Box,
  unit: number,
  theme: Theme,
  marks: Marks,
): void {
  const node = scene.graph.nodes[v]!;
  const [width, height] = [right - left, bottom - top];
  const isOperator = node.kind === 'operator';
  const radius = isOperator ? RADIUS : height / 2;
  context.beginPath();
  context.roundRect(left, top, width, height, radius);
  context.fillStyle = heatColor(marks.heat, v, theme) ?? theme.panel;
  context.fill();
  if (isOperator && node.activation !== null) {
    context.beginPath();
    context.roundRect(left, bottom - STRIP_HEIGHT, width, STRIP_HEIGHT, [0, 0, RADIUS, RADIUS]);
    context.globalAlpha = 0.14;
    context.fillStyle = theme.activation;
    context.fill();
    context.globalAlpha = 1;
  }
  const isSelected = hasRing(v, marks);
  context.beginPath();
  context.roundRect(left, top, width, height, radius);
  context.lineWidth = (isSelected ? 2 : 1) * unit;
  context.strokeStyle = isSelected ? theme.accent : v === marks.hoverNode ? theme.inkFaint : theme.border;
  context.stroke();
  if (isOperator) {
    context.beginPath();
    context.roundRect(left, top, STRIPE, height, [RADIUS / 2, 0, 0, RADIUS / 2]);
    context.fillStyle = theme.category[node.category];
    context.fill();
  }
}

/** Whether a node stands for what is selected. */
export function hasRing(v: number, { node, cards }: Marks): boolean {
  return v === node || cards?.has(v) === true;
}

/** A card with its name alone, as large as fits. */
export function paintName(
  context: Surface,
  scene: Scene,
  v: number,
  k: number,
  theme: Theme,
  marks: Marks,
): void {
  const box = nodeBox(scene, v);
  paintFrame(context, scene, v, box, Math.max(1, 0.8 / k), theme, marks);
  const card = scene.cards.card[v]!;
  const sign = marks.heat?.signs[v] ?? null;
  const title = sign === null ? card.title : `${sign} ${card.title}`;
  const room = box.right - box.left - PADDING - FOOTER_HEIGHT;
  const fitting = (TITLE_SIZE * room) / Math.max(1, card.titleWidth + (sign === null ? 0 : 2 * TITLE_SIZE));
  const size = Math.min(LARGEST_NAME, NAME_PIXELS / k, fitting, (box.bottom - box.top) * 0.8);
  if (size * k < 4) return;
  context.font = titleFont(theme, Math.round(size * 2) / 2);
  context.fillStyle = theme.ink;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillText(title, (box.left + box.right) / 2 + STRIPE / 2, (box.top + box.bottom) / 2);
}

/** All visible nodes as blocks in the colour of their category, those within one pixel of each other as one. */
export function paintBlocks(
  context: Surface,
  scene: Scene,
  k: number,
  visible: Box,
  theme: Theme,
  marks: Marks,
): void {
  const byColor = new Map<string, number[]>();
  const least = 1 / k;
  scene.nodeIndex.search(visible.left, visible.top, visible.right, visible.bottom, (v) => {
    const node = scene.graph.nodes[v]!;
    const isPill = node.kind === 'input' || node.kind === 'output';
    const category = isPill ? theme.border : theme.category[node.category];
    const color = marks.heat ? (blockColor(marks.heat, v, theme) ?? theme.line) : category;
    const list = byColor.get(color);
    if (list) list.push(v);
    else byColor.set(color, [v]);
  });
  for (const [color, nodes] of byColor) {
    context.beginPath();
    let lastLeft = -Infinity;
    let lastTop = -Infinity;
    for (const v of nodes) {
      const { left, top, right, bottom } = nodeBox(scene, v);
      if (Math.abs(top - lastTop) < least / 2 && Math.abs(left - lastLeft) < least / 2) continue;
      lastLeft = left;
      lastTop = top;
      context.rect(left, top, Math.max(least, right - left), Math.max(least, bottom - top));
    }
    context.fillStyle = color;
    context.fill();
  }
  for (const v of [marks.hoverNode, ...(marks.cards ?? []), marks.node]) {
    if (v < 0) continue;
    const { left, top, right, bottom } = nodeBox(scene, v);
    const reach = 3 / k;
    context.lineWidth = 2 / k;
    context.strokeStyle = hasRing(v, marks) ? theme.accent : theme.ink;
    context.strokeRect(left - reach, top - reach, right - left + 2 * reach, bottom - top + 2 * reach);
  }
}
