import type { ViewGraph } from './types';

/**
 * Groups while they are being made. A group is a number from 0; where nodes and groups stand in one list, group g
 * is `nodeCount + g`. Parent -1 is the whole graph.
 */
export class GroupTree {
  readonly graph: ViewGraph;
  readonly nodeCount: number;
  /** By group. A group that was dissolved has `isGone`. */
  readonly parent: number[] = [];
  readonly name: string[] = [];
  /** False for a group that was found by its structure. */
  readonly isNamed: boolean[] = [];
  readonly isGone: boolean[] = [];
  /** Group that directly holds each node; -1 for none, and for inputs and outputs. */
  readonly parentOfNode: Int32Array;

  constructor(graph: ViewGraph) {
    this.graph = graph;
    this.nodeCount = graph.nodes.length;
    this.parentOfNode = new Int32Array(graph.nodes.length).fill(-1);
  }

  add(parent: number, name: string, isNamed: boolean): number {
    this.parent.push(parent);
    this.name.push(name);
    this.isNamed.push(isNamed);
    this.isGone.push(false);
    return this.parent.length - 1;
  }

  /** Drops all groups. */
  clear(): void {
    this.isGone.fill(true);
    this.parentOfNode.fill(-1);
  }

  /** Parent of a node or group of the common numbering. */
  parentOf(child: number): number {
    return child < this.nodeCount ? this.parentOfNode[child]! : this.parent[child - this.nodeCount]!;
  }

  /** Puts a node or group into another group. */
  move(child: number, parent: number): void {
    if (child < this.nodeCount) this.parentOfNode[child] = parent;
    else this.parent[child - this.nodeCount] = parent;
  }

  /** Operators and groups directly within each group (and -1), in the order of their first operators. */
  listChildren(): Map<number, number[]> {
    const children = new Map<number, number[]>();
    const isListed = new Uint8Array(this.parent.length);
    const list = (child: number, parent: number): void => {
      const known = children.get(parent);
      if (known) known.push(child);
      else children.set(parent, [child]);
    };
    for (let v = 0; v < this.nodeCount; v++) {
      if (this.graph.nodes[v]!.kind !== 'operator') continue;
      let child = v;
      let parent = this.parentOfNode[v]!;
      list(child, parent);
      while (parent >= 0 && !isListed[parent]) {
        isListed[parent] = 1;
        child = this.nodeCount + parent;
        parent = this.parent[parent]!;
        list(child, parent);
      }
    }
    return children;
  }
}
