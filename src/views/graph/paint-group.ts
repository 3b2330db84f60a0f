/** Expanded groups as frames with a title strip, collapsed ones as cards. */
import type { Group } from '../../core/graph/types';
import { HEADER_HEIGHT, PADDING, ROW_SIZE, rowFont, TITLE_SIZE, titleFont } from './cards';
import {
  CHEVRON,
  groupFacts,
  groupTitle,
  operatorText,
  repeatText,
  TITLE_GAP,
  TITLE_HEIGHT,
} from './group-card';
import { heatColor } from './overlay';
import type { Marks } from './paint';
import { hasRing } from './paint-card';
import { frameBox, frameCount, nodeBox, type Box, type Scene } from './scene';
import type { Surface } from './surface';
import type { Theme } from './theme';

const RADIUS = 10;
/** The ground of a frame lets that of the one around it through, so that inner ones are darker. */
const FRAME_ALPHA = 0.55;
const CARD_RADIUS = 8;
/** How far the sheets behind the card of a group stand out. */
const SHEET = 4;
/** Size on screen that titles keep when the view is zoomed out, and the largest size in the scene. */
const TITLE_PIXELS = 10;
const LARGEST_TITLE = 60;
/** Titles smaller than this on screen are left out. */
const LEAST_TITLE_PIXELS = 4;

const meets = (a: Box, b: Box) =>
  a.left <= b.right && a.right >= b.left && a.top <= b.bottom && a.bottom >= b.top;

/** Grounds and borders of the frames on screen; inner ones lie on outer ones. */
export function paintFrames(
  context: Surface,
  scene: Scene,
  k: number,
  visible: Box,
  theme: Theme,
  marks: Marks,
): void {
  const { drawn } = scene;
  if (!drawn) return;
  for (let f = 0; f < frameCount(scene); f++) {
    const box = frameBox(scene, f);
    if (!meets(box, visible) || (box.right - box.left) * k < 3) continue;
    const isMarked = drawn.frames[f] === marks.group;
    context.beginPath();
    context.roundRect(box.left, box.top, box.right - box.left, box.bottom - box.top, RADIUS);
    context.globalAlpha = FRAME_ALPHA;
    context.fillStyle = theme.sunk;
    context.fill();
    context.globalAlpha = 1;
    context.lineWidth = (isMarked ? 2 : 1) * Math.max(1, 0.8 / k);
    context.strokeStyle = isMarked
      ? theme.accent
      : drawn.frames[f] === marks.hoverGroup
        ? theme.inkFaint
        : theme.border;
    context.stroke();
  }
}

/** Titles of the frames on screen, above the edges that pass them. */
export function paintTitles(context: Surface, scene: Scene, k: number, visible: Box, theme: Theme): void {
  const { drawn } = scene;
  if (!drawn) return;
  for (let f = 0; f < frameCount(scene); f++) {
    const box = frameBox(scene, f);
    const strip = { ...box, bottom: box.top + TITLE_HEIGHT };
    if (!meets(strip, visible)) continue;
    const size = Math.min(Math.max(TITLE_SIZE, TITLE_PIXELS / k), TITLE_HEIGHT * 0.8, LARGEST_TITLE);
    if (size * k < LEAST_TITLE_PIXELS) continue;
    let depth = 1;
    for (let g = drawn.frameParent[f]!; g !== -1; g = drawn.frameParent[g]!) depth++;
    paintTitle(context, strip, drawn.groups.list[drawn.frames[f]!]!, depth, size, k, theme);
  }
}

function paintTitle(
  context: Surface,
  { left, top, right, bottom }: Box,
  group: Group,
  depth: number,
  size: number,
  k: number,
  theme: Theme,
): void {
  const middle = (top + bottom) / 2;
  context.save();
  context.beginPath();
  context.rect(left, top, right - left, bottom - top);
  context.clip();
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  const scale = size / TITLE_SIZE;
  const start = left + 10 + CHEVRON * scale * 0.8;
  const texts = [
    { text: groupTitle(group), font: titleFont(theme, Math.round(size * 2) / 2), color: theme.ink },
    ...(k < 0.5
      ? []
      : [repeatText(group), operatorText(group)]
          .filter((text) => text !== '')
          .map((text) => ({ text, font: rowFont(theme), color: theme.inkSoft }))),
  ];
  const gap = TITLE_GAP * Math.min(1, scale);
  let end = start;
  const places = texts.map(({ text, font }) => {
    context.font = font;
    const x = end;
    end += context.measureText(text).width + gap;
    return x;
  });
  // Edges pass the border anywhere: the ground of this frame and of those around it covers them behind the words.
  const height = Math.min(bottom - top - 2, size + 8);
  for (let layer = 0; layer <= depth; layer++) {
    context.globalAlpha = layer === 0 ? 1 : FRAME_ALPHA;
    context.fillStyle = layer === 0 ? theme.background : theme.sunk;
    context.fillRect(left + 6, middle - height / 2, end - gap - left, height);
  }
  context.globalAlpha = 1;
  paintChevron(context, left + 14, middle, 4 * scale, false, theme);
  texts.forEach(({ text, font, color }, i) => {
    context.font = font;
    context.fillStyle = color;
    context.fillText(text, places[i]!, middle + 0.5);
  });
  context.restore();
}

/** A small triangle: to the right where a group is collapsed, down where it is open. */
function paintChevron(
  context: Surface,
  x: number,
  y: number,
  reach: number,
  isCollapsed: boolean,
  theme: Theme,
): void {
  context.beginPath();
  if (isCollapsed) {
    context.moveTo(x - reach * 0.6, y - reach);
    context.bezierCurveTo(x - reach * 0.6, y - reach, x + reach * 0.7, y, x + reach * 0.7, y);
    context.bezierCurveTo(x + reach * 0.7, y, x - reach * 0.6, y + reach, x - reach * 0.6, y + reach);
  } else {
    context.moveTo(x - reach, y - reach * 0.6);
    context.bezierCurveTo(x - reach, y - reach * 0.6, x, y + reach * 0.7, x, y + reach * 0.7);
    context.bezierCurveTo(x, y + reach * 0.7, x + reach, y - reach * 0.6, x + reach, y - reach * 0.6);
  }
  context.lineWidth = Math.max(1.4, reach * 0.4);
  context.strokeStyle = theme.inkSoft;
  context.stroke();
}

/** The card of a collapsed group: a stack of sheets with its name, how often it comes, and what it holds. */
export function paintGroup(
  context: Surface,
  scene: Scene,
  v: number,
  k: number,
  isFull: boolean,
  theme: Theme,
  marks: Marks,
): void {
  const box = nodeBox(scene, v);
  const node = scene.graph.nodes[v]!;
  const group = scene.drawn?.groups.list[node.index];
  if (!group) return;
  const { left, top, right, bottom } = box;
  const isMarked = hasRing(v, marks) || node.index === marks.group;
  const unit = Math.max(1, 0.8 / k);
  for (const offset of [SHEET, 0]) {
    context.beginPath();
    context.roundRect(left + offset, top + offset, right - left - SHEET, bottom - top - SHEET, CARD_RADIUS);
    context.fillStyle = offset === 0 ? (heatColor(marks.heat, v, theme) ?? theme.panel) : theme.sunk;
    context.fill();
    const isRing = isMarked && offset === 0;
    context.lineWidth = (isRing ? 2 : 1) * unit;
    context.strokeStyle = isRing ? theme.accent : v === marks.hoverNode ? theme.inkFaint : theme.border;
    context.stroke();
  }
  context.beginPath();
  context.roundRect(left, top, 5, bottom - top - SHEET, [CARD_RADIUS / 2, 0, 0, CARD_RADIUS / 2]);
  context.fillStyle = theme.category[node.category];
  context.fill();
  if (isFull) paintFacts(context, scene, v, group, theme, marks);
  else {
    const { title, titleWidth } = scene.cards.card[v]!;
    const fitting = (TITLE_SIZE * (right - left - 2 * PADDING)) / Math.max(1, titleWidth);
    const size = Math.min(TITLE_PIXELS / k, fitting, (bottom - top) * 0.7);
    if (size * k < LEAST_TITLE_PIXELS) return;
    context.font = titleFont(theme, Math.round(size * 2) / 2);
    context.fillStyle = theme.ink;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.fillText(title, (left + right) / 2, (top + bottom - SHEET) / 2);
  }
}

function paintFacts(
  context: Surface,
  scene: Scene,
  v: number,
  group: Group,
  theme: Theme,
  marks: Marks,
): void {
  const { left, top, right, bottom } = nodeBox(scene, v);
  const { title, titleWidth } = scene.cards.card[v]!;
  context.save();
  context.beginPath();
  context.rect(left, top, right - left - SHEET, bottom - top - SHEET);
  context.clip();
  paintChevron(context, left + PADDING + 3, top + 16, 4, true, theme);
  const text = left + PADDING + CHEVRON - 4;
  context.textAlign = 'left';
  context.textBaseline = 'alphabetic';
  context.font = titleFont(theme);
  context.fillStyle = theme.ink;
  context.fillText(title, text, top + 20);
  context.font = rowFont(theme);
  // On a tint only the full ink is readable for certain.
  const soft = marks.heat ? theme.ink : theme.inkSoft;
  context.fillStyle = soft;
  const [first, second] = [top + 20, top + HEADER_HEIGHT + ROW_SIZE];
  const repeats = repeatText(group);
  context.fillText(repeats, text + titleWidth + TITLE_GAP, first);
  const corner = (marks.heat ? marks.heat.texts[v] : scene.graph.nodes[v]!.cost) ?? '';
  const end = right - SHEET - 10;
  const width = (words: string) => (words === '' ? 0 : context.measureText(words).width + TITLE_GAP);
  const isAbove = text + titleWidth + width(repeats) + width(corner) <= end;
  // A figure of many words goes below; what has no room beside it there gives way.
  const room = end - text - (isAbove ? 0 : width(corner));
  const facts = [groupFacts(group), operatorText(group)].find(
    (words) => context.measureText(words).width <= room,
  );
  context.fillText(facts ?? '', text, second);
  context.textAlign = 'right';
  context.fillStyle = soft;
  context.fillText(corner, end, isAbove ? first : second);
  context.textAlign = 'left';
  context.restore();
}
