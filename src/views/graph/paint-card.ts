import {
  FOOTER_HEIGHT,
  HEADER_HEIGHT,
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
import { heatColor } from './overlay';
import type { Marks } from './paint';
import { nodeBox, type Box, type Scene } from './scene';
import type { Surface } from './surface';
import type { Theme } from './theme';

const RADIUS = 8;
const STRIPE = 5;
/** Size on screen that names keep when the view is zoomed out, and the largest size in the scene. */
const NAME_PIXELS = 10;
const LARGEST_NAME = 40;

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
}

function paintContent(context: Surface, scene: Scene, v: number, box: Box, theme: Theme, marks: Marks): void {
  const node = scene.graph.nodes[v]!;
  const { title, titleWidth, rows, textColumn, dtypeColumn } = scene.cards.card[v]!;
  const left = box.left + PADDING;
  context.font = titleFont(theme);
  context.fillStyle = theme.ink;
  context.fillText(title, left, box.top + 20);
  context.font = rowFont(theme);
  const corner = marks.heat ? marks.heat.texts[v]! : node.cost;
  const room = box.right - 12 - left - titleWidth - PILL_GAP;
  if (corner !== null && context.measureText(corner).width <= room) {
    context.textAlign = 'right';
    context.fillStyle = marks.heat ? theme.ink : theme.inkSoft;
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
    context.fillStyle = theme.inkSoft;
    context.fillText(row.label, left, baseline);
    context.fillText(row.text, box.left + textColumn, baseline);
    context.fillText(row.dtype, box.left + dtypeColumn, baseline);
  });
  if (node.activation !== null) {
    const top = box.bottom - STRIP_HEIGHT;
    context.fillStyle = theme.activation;
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
  context.fillStyle = heatColor(marks.heat?.shares[v], theme) ?? theme.panel;
  context.fill();
  if (isOperator && node.activation !== null) {
    context.beginPath();
    context.roundRect(left, bottom - STRIP_HEIGHT, width, STRIP_HEIGHT, [0, 0, RADIUS, RADIUS]);
    context.globalAlpha = 0.14;
    context.fillStyle = theme.activation;
    context.fill();
    context.globalAlpha = 1;
  }
  const isSelected = v === marks.node;
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
  const { title, titleWidth } = scene.cards.card[v]!;
  const room = box.right - box.left - PADDING - FOOTER_HEIGHT;
  const fitting = (TITLE_SIZE * room) / Math.max(1, titleWidth);
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
    const category = node.kind === 'operator' ? theme.category[node.category] : theme.border;
    const color = marks.heat ? (heatColor(marks.heat.shares[v], theme) ?? theme.line) : category;
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
  for (const v of [marks.hoverNode, marks.node]) {
    if (v < 0) continue;
    const { left, top, right, bottom } = nodeBox(scene, v);
    const reach = 3 / k;
    context.lineWidth = 2 / k;
    context.strokeStyle = v === marks.node ? theme.accent : theme.ink;
    context.strokeRect(left - reach, top - reach, right - left + 2 * reach, bottom - top + 2 * reach);
  }
}
