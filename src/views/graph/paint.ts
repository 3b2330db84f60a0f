import { finish, type Steps, within } from '../../core/steps';
import type { View } from './camera';
import { rowFont } from './cards';
import type { NodeHeat } from './overlay';
import { paintBlocks, paintCard, paintName } from './paint-card';
import { bytesOfEdge, widthOfBytes } from './edge-width';
import { traceArrow, traceEdge } from './paint-edge';
import { paintFrames, paintGroup, paintTitles } from './paint-group';
import type { Scene } from './scene';
import type { Surface } from './surface';
import type { Theme } from './theme';

/** What stands out in the picture. */
export interface Marks {
  /** Selected node and tensor; -1 for none. */
  readonly node: number;
  readonly tensor: number;
  /** Nodes that stand for a selected tensor which has neither a node nor an edge; left out for none. */
  readonly cards?: ReadonlySet<number>;
  readonly hoverNode: number;
  readonly hoverEdge: number;
  /** Group in focus, and the one whose title the pointer is over, by number; left out for none. */
  readonly group?: number;
  readonly hoverGroup?: number;
  /** Colours nodes by a figure; null: by category. */
  readonly heat: NodeHeat | null;
  /** Edges are as thick as their tensors are large (`widthOfBytes`). */
  readonly isThick?: boolean;
}

/** Zoom from which cards show everything, and from which they show their names. */
const FULL_DETAIL = 0.5;
const NAMES = 0.16;
const EDGE_WIDTH = 1.4;
/** Edges and nodes smaller than this on screen are left out or merged. */
const LEAST_PIXELS = 1.5;

/** What is painted between two steps. */
const ITEMS_AT_ONCE = 64;
const EDGES_IN_PATH = 2048;

/** Paints what is on screen. `width` and `height` in CSS pixels, `ratio` device pixels per CSS pixel. */
export function paintScene(...what: Parameters<typeof paintSteps>): void {
  finish(paintSteps(...what));
}

/** `paintScene` in steps, for pictures of all of a large graph. */
export function* paintSteps(
  context: Surface,
  scene: Scene,
  view: View,
  size: { readonly width: number; readonly height: number; readonly ratio: number },
  theme: Theme,
  marks: Marks,
): Steps<void> {
  const { k, x, y } = view;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, Math.ceil(size.width * size.ratio), Math.ceil(size.height * size.ratio));
  context.setTransform(size.ratio * k, 0, 0, size.ratio * k, size.ratio * x, size.ratio * y);
  const [left, top] = [-x / k, -y / k];
  const [right, bottom] = [left + size.width / k, top + size.height / k];
  const visible = { left, top, right, bottom };
  paintFrames(context, scene, k, visible, theme, marks);
  yield* within(paintEdges(context, scene, k, visible, theme, marks), 0, 0.5);
  paintTitles(context, scene, k, visible, theme);
  if (k < NAMES) {
    paintBlocks(context, scene, k, visible, theme, marks);
    return;
  }
  const nodes: number[] = [];
  scene.nodeIndex.search(left, top, right, bottom, (v) => nodes.push(v));
  for (const [i, v] of nodes.entries()) {
    if (i % ITEMS_AT_ONCE === 0) yield 0.5 + i / nodes.length / 2;
    if (scene.graph.nodes[v]!.kind === 'group') {
      paintGroup(context, scene, v, k, k >= FULL_DETAIL, theme, marks);
    } else if (k >= FULL_DETAIL) paintCard(context, scene, v, theme, marks);
    else paintName(context, scene, v, k, theme, marks);
  }
}

interface Visible {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

function* paintEdges(
  context: Surface,
  scene: Scene,
  k: number,
  { left, top, right, bottom }: Visible,
  theme: Theme,
  marks: Marks,
): Steps<void> {
  const { edgeFrom, edgeTo, edgeTensor, edgeLabel } = scene.graph;
  const { layout, cards } = scene;
  const edges: number[] = [];
  scene.edgeIndex.search(left, top, right, bottom, (e) => edges.push(e));
  const isFull = k >= FULL_DETAIL;
  const isBent = k >= NAMES;
  const isMarked = (e: number) =>
    edgeTensor[e] === marks.tensor || edgeFrom[e] === marks.node || edgeTo[e] === marks.node;
  const marked: number[] = [];

  context.lineJoin = 'round';
  context.strokeStyle = context.fillStyle = theme.edge;
  const widthOf = (e: number) => (marks.isThick ? widthOfBytes(bytesOfEdge(scene, e)) : EDGE_WIDTH);
  const byWidth = new Map<number, number[]>();
  for (const e of edges) {
    if (isMarked(e) || e === marks.hoverEdge) {
      marked.push(e);
      continue;
    }
    const width = widthOf(e);
    const list = byWidth.get(width);
    if (list) list.push(e);
    else byWidth.set(width, [e]);
  }
  let count = 0;
  /** Every edge is met up to three times: its line, its arrow, its label. */
  const isPause = () => ++count % ITEMS_AT_ONCE === 0;
  const share = () => Math.min(1, count / (3 * edges.length));
  // Thousands of edges in one path for each width: a stroke a piece would cost more than the lines.
  for (const [width, list] of byWidth) {
    context.lineWidth = Math.max(width, 0.8 / k);
    context.beginPath();
    for (const [i, e] of list.entries()) {
      if (isPause()) yield share();
      if (i % EDGES_IN_PATH === EDGES_IN_PATH - 1) {
        context.stroke();
        context.beginPath();
      }
      traceEdge(context, layout, e, isBent, LEAST_PIXELS / k, top, bottom);
    }
    context.stroke();
    if (!isFull) continue;
    context.beginPath();
    for (const [i, e] of list.entries()) {
      if (isPause()) yield share();
      if (i % EDGES_IN_PATH === EDGES_IN_PATH - 1) {
        context.fill();
        context.beginPath();
      }
      traceArrow(context, layout, e, width);
    }
    context.fill();
  }
  for (const e of marked) {
    const isTensor = edgeTensor[e] === marks.tensor;
    context.strokeStyle = context.fillStyle =
      isTensor || e !== marks.hoverEdge ? theme.accent : theme.inkSoft;
    const width = Math.max(isTensor ? 2.4 : 1.8, marks.isThick ? widthOf(e) : 0);
    context.lineWidth = Math.max(width, (isTensor ? 1.8 : 1.2) / k);
    context.beginPath();
    traceEdge(context, layout, e, isBent, 0, top, bottom);
    context.stroke();
    if (!isFull) continue;
    context.beginPath();
    traceArrow(context, layout, e, marks.isThick ? width : 0);
    context.fill();
  }
  if (!isFull) return;
  context.font = rowFont(theme);
  context.textBaseline = 'middle';
  context.textAlign = 'left';
  context.lineWidth = 4;
  context.strokeStyle = theme.background;
  for (const e of edges) {
    if (isPause()) yield share();
    if (cards.labelWidths[e] === 0) continue;
    const [x, y] = [layout.labelX[e]!, layout.labelY[e]!];
    if (y < top - 10 || y > bottom + 10) continue;
    context.fillStyle =
      edgeTensor[e] === marks.tensor ? theme.accent : e === marks.hoverEdge ? theme.ink : theme.inkFaint;
    context.strokeText(edgeLabel[e]!, x, y);
    context.fillText(edgeLabel[e]!, x, y);
  }
}
