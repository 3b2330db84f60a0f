/** Amounts as tiles whose areas follow them. */
import { hierarchy, treemap, treemapSquarify } from 'd3';

export interface TileLeaf {
  readonly label: string;
  /** A second line. */
  readonly detail: string;
  readonly value: number;
  /** A CSS colour. */
  readonly color: string;
  /** Whether something happens when it is chosen. */
  readonly selectable: boolean;
}

export interface TileGroup<Leaf extends TileLeaf> {
  /** Heading of the group; null for none. */
  readonly label: string | null;
  readonly value: number;
  readonly leaves: readonly Leaf[];
}

export interface Tile<Leaf extends TileLeaf> {
  readonly leaf: Leaf;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface TileFrame {
  readonly label: string;
  readonly value: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Node<Leaf extends TileLeaf> {
  readonly group?: TileGroup<Leaf>;
  readonly leaf?: Leaf;
  readonly children?: readonly Node<Leaf>[];
}

const HEADING = 18;
/** Groups with less room than this have no heading. */
const LEAST_ROOM = 34;

/** Squarified treemap (Bruls, Huizing and van Wijk 2000) of two levels in `width` × `height` pixels. */
export function layTiles<Leaf extends TileLeaf>(
  groups: readonly TileGroup<Leaf>[],
  width: number,
  height: number,
): { readonly tiles: readonly Tile<Leaf>[]; readonly frames: readonly TileFrame[] } {
  const root = hierarchy<Node<Leaf>>({
    children: groups.map((group) => ({ group, children: group.leaves.map((leaf) => ({ leaf })) })),
  }).sum(({ leaf }) => leaf?.value ?? 0);
  const isGrouped = groups.some(({ label }) => label !== null);
  const laid = treemap<Node<Leaf>>()
    .tile(treemapSquarify)
    .size([Math.max(1, width), Math.max(1, height)])
    .paddingInner(1)
    .paddingTop((node) =>
      isGrouped && node.depth === 1 && node.y1 - node.y0 > LEAST_ROOM && node.x1 - node.x0 > LEAST_ROOM
        ? HEADING
        : 0,
    )(root);
  const tiles: Tile<Leaf>[] = [];
  const frames: TileFrame[] = [];
  for (const node of laid.descendants()) {
    const box = { x: node.x0, y: node.y0, width: node.x1 - node.x0, height: node.y1 - node.y0 };
    const { leaf, group } = node.data;
    if (leaf) tiles.push({ leaf, ...box });
    else if (group && group.label !== null && box.height > LEAST_ROOM && box.width > LEAST_ROOM)
      frames.push({ label: group.label, value: group.value, ...box });
  }
  return { tiles, frames };
}

/** The nearest tile in the direction of an arrow key, or null at the edge. */
export function nextTile(tiles: readonly Tile<TileLeaf>[], from: number, key: string): number | null {
  const start = tiles[from];
  if (!start) return null;
  const isAcross = key === 'ArrowLeft' || key === 'ArrowRight';
  const sign = key === 'ArrowRight' || key === 'ArrowDown' ? 1 : -1;
  const middle = (tile: Tile<TileLeaf>) => [tile.x + tile.width / 2, tile.y + tile.height / 2] as const;
  const [startX, startY] = middle(start);
  let best: number | null = null;
  let least = Infinity;
  tiles.forEach((tile, i) => {
    if (i === from) return;
    const [x, y] = middle(tile);
    const along = (isAcross ? x - startX : y - startY) * sign;
    const beside = Math.abs(isAcross ? y - startY : x - startX);
    // Going straight counts more than coming close.
    const distance = along + 2 * beside;
    if (along > 0.5 && distance < least) {
      least = distance;
      best = i;
    }
  });
  return best;
}
