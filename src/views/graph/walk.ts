import type { Adjacency } from '../../core/graph/layout/adjacency';
import { nodeBox, type Scene } from './scene';

export type Step = 'producer' | 'consumer' | 'previous' | 'next';

/** What an arrow key means in a graph drawn down or to the right. */
export function stepOf(key: string, direction: 'down' | 'right'): Step | null {
  const isDown = direction === 'down';
  switch (key) {
    case 'ArrowUp':
      return isDown ? 'producer' : 'previous';
    case 'ArrowDown':
      return isDown ? 'consumer' : 'next';
    case 'ArrowLeft':
      return isDown ? 'previous' : 'producer';
    case 'ArrowRight':
      return isDown ? 'next' : 'consumer';
    default:
      return null;
  }
}

/**
 * The node that one step leads to from `node`, or -1: the nearest producer or consumer, or the neighbour that
 * stands beside it. `cameFrom` is preferred among several, so that a step can be taken back.
 */
export function walk(scene: Scene, node: number, step: Step, cameFrom = -1): number {
  if (step === 'previous' || step === 'next') return sibling(scene, node, step === 'next');
  const { graph, incoming, outgoing } = scene;
  return step === 'producer'
    ? nearest(scene, node, incoming, graph.edgeFrom, cameFrom)
    : nearest(scene, node, outgoing, graph.edgeTo, cameFrom);
}

const acrossOf = ({ layout }: Scene) => (layout.direction === 'down' ? layout.x : layout.y);
const alongOf = ({ layout }: Scene) => (layout.direction === 'down' ? layout.y : layout.x);

function nearest(scene: Scene, node: number, side: Adjacency, ends: Int32Array, cameFrom: number): number {
  const across = acrossOf(scene);
  const along = alongOf(scene);
  let best = -1;
  let bestDistance = Infinity;
  for (let k = side.start[node]!; k < side.start[node + 1]!; k++) {
    const other = ends[side.edges[k]!]!;
    if (other === node) continue;
    if (other === cameFrom) return other;
    // What stands nearest along the ranks first: a skip is reached from there.
    const distance = 1e4 * Math.abs(along[other]! - along[node]!) + Math.abs(across[other]! - across[node]!);
    if (distance < bestDistance) {
      bestDistance = distance;
      best = other;
    }
  }
  return best;
}

/** The nearest node to one side whose stretch along the ranks meets that of `node`. */
function sibling(scene: Scene, node: number, forward: boolean): number {
  const across = acrossOf(scene);
  const box = nodeBox(scene, node);
  const isDown = scene.layout.direction === 'down';
  const [left, right] = isDown ? [-Infinity, Infinity] : [box.left, box.right];
  const [top, bottom] = isDown ? [box.top, box.bottom] : [-Infinity, Infinity];
  let best = -1;
  let bestDistance = Infinity;
  scene.nodeIndex.search(left, top, right, bottom, (other) => {
    const distance = (across[other]! - across[node]!) * (forward ? 1 : -1);
    if (other === node || distance <= 0) return;
    if (distance > bestDistance || (distance === bestDistance && other > best)) return;
    bestDistance = distance;
    best = other;
  });
  return best;
}
