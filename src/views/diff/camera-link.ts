/** Two pictures whose cameras move together, so that operators that belong together stay beside each other. */
import type { View } from '../graph/camera';
import type { GraphCanvas } from '../graph/graph-canvas';
import type { PictureLink } from '../graph/picture-link';
import type { Scene } from '../graph/scene';
import type { Selection } from '../graph/selection';

export type Side = 'before' | 'after';

export const otherSide = (side: Side): Side => (side === 'before' ? 'after' : 'before');

/** What a pane needs to draw its graph and to take part. */
export interface PaneProps {
  readonly side: Side;
  readonly selection: Selection | null;
  readonly onselect: (selection: Selection | null) => void;
  /** Says nothing about the selection: the other pane or the change does. */
  readonly quiet: boolean;
  readonly link: PictureLink;
}

/** What places need to know of a scene. */
export type Placed = Pick<Scene, 'layout'> & {
  readonly graph: Pick<Scene['graph'], 'nodeOfOperator' | 'nodes'>;
};

/** Node of `other` that shows a partner of each node, or -1; the first operator with a partner decides. */
export function partnerNodes(scene: Placed, other: Placed, partnerOf: Int32Array): Int32Array {
  const partners = new Int32Array(scene.graph.nodes.length).fill(-1);
  scene.graph.nodeOfOperator.forEach((v, operator) => {
    const partner = partnerOf[operator] ?? -1;
    if (v < 0 || partner < 0 || partners[v] !== -1) return;
    partners[v] = other.graph.nodeOfOperator[partner] ?? -1;
  });
  return partners;
}

/**
 * The point of `other` that lies beside a point of a scene: between the nearest nodes with partners before and after it
 * in the direction of the graph, their places are followed evenly, so that nothing jumps. Null where no node has a partner.
 */
export function pointBeside(
  scene: Placed,
  other: Placed,
  partners: Int32Array,
  x: number,
  y: number,
): { readonly x: number; readonly y: number } | null {
  const { layout: from } = scene;
  const { layout: to } = other;
  const isDown = from.direction === 'down';
  let [above, below] = [-1, -1];
  let [leastAbove, leastBelow] = [Infinity, Infinity];
  partners.forEach((partner, v) => {
    if (partner === -1) return;
    const along = isDown ? y - from.y[v]! : x - from.x[v]!;
    const across = isDown ? x - from.x[v]! : y - from.y[v]!;
    // What lies far to the side says less about this place.
    const distance = Math.abs(along) + 0.25 * Math.abs(across);
    if (along >= 0 && distance < leastAbove) [above, leastAbove] = [v, distance];
    if (along < 0 && distance < leastBelow) [below, leastBelow] = [v, distance];
  });
  if (above === -1 && below === -1) return null;
  const [first, second] = above === -1 ? [below, below] : [above, below === -1 ? above : below];
  const along = isDown ? from.y : from.x;
  const span = along[second]! - along[first]!;
  const share = span > 0 ? Math.min(1, Math.max(0, ((isDown ? y : x) - along[first]!) / span)) : 0;
  const between = (a: Float64Array, b: Float64Array, at: number) => {
    const shift = (v: number) => b[partners[v]!]! - a[v]!;
    return at + shift(first) + share * (shift(second) - shift(first));
  };
  return { x: between(from.x, to.x, x), y: between(from.y, to.y, y) };
}

/** Moves the other camera whenever one that the user moves has moved. */
export class CameraLink {
  readonly #canvases = new Map<Side, GraphCanvas>();
  #partnerOf: Readonly<Record<Side, Int32Array>> | null = null;
  #isOn = true;
  /** Side that the user moves; the other follows and is not followed. */
  #leader: Side = 'after';
  #isMoving = false;
  #known: { readonly from: Scene; readonly to: Scene; readonly partners: Int32Array } | null = null;

  attach(side: Side, canvas: GraphCanvas | null): void {
    if (canvas) this.#canvases.set(side, canvas);
    else this.#canvases.delete(side);
  }

  /** Which operators belong together, by side; null while that is not known. */
  match(partnerOf: Readonly<Record<Side, Int32Array>> | null): void {
    this.#partnerOf = partnerOf;
    this.#known = null;
    this.follow();
  }

  turn(isOn: boolean): void {
    this.#isOn = isOn;
    this.follow();
  }

  lead(side: Side): void {
    this.#leader = side;
  }

  /** Side that the user moves. */
  get leader(): Side {
    return this.#leader;
  }

  /** To be called when a camera has moved. */
  moved(side: Side): void {
    if (side === this.#leader && !this.#isMoving) this.follow();
  }

  /** To be called when a picture shows another scene: the other one follows, and what is selected stays in view. */
  settle(): void {
    this.follow();
    if (!this.#isOn || !this.#canvases.get(this.#leader)?.isSelectionInView) return;
    this.#canvases.get(otherSide(this.#leader))?.showSelection();
  }

  /** Brings the other camera to where the leader's is. */
  follow(): void {
    const leader = this.#canvases.get(this.#leader);
    const follower = this.#canvases.get(otherSide(this.#leader));
    if (!this.#isOn || !this.#partnerOf || !leader || !follower) return;
    const [shown, beside] = [leader.picture, follower.picture];
    if (!shown || !beside) return;
    const { view, width, height } = shown.inView;
    const partners = this.#partnersOf(shown.scene, beside.scene);
    const point = pointBeside(
      shown.scene,
      beside.scene,
      partners,
      (width / 2 - view.x) / view.k,
      (height / 2 - view.y) / view.k,
    );
    if (!point) return;
    const next: View = {
      k: view.k,
      x: beside.inView.width / 2 - view.k * point.x,
      y: beside.inView.height / 2 - view.k * point.y,
    };
    const now = beside.inView.view;
    if (now.k === next.k && Math.hypot(now.x - next.x, now.y - next.y) < 0.5) return;
    this.#isMoving = true;
    follower.moveTo(next);
    this.#isMoving = false;
  }

  #partnersOf(from: Scene, to: Scene): Int32Array {
    if (this.#known?.from !== from || this.#known.to !== to) {
      const partners = partnerNodes(from, to, this.#partnerOf![this.#leader]);
      this.#known = { from, to, partners };
    }
    return this.#known.partners;
  }
}
