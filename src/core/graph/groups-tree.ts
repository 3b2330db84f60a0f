import type { ViewGraph } from './types';

/** A scope of names, a block that repeats, or a row of such blocks. */
export type GroupKind = 'scope' | 'block' | 'row';

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
  readonly kind: GroupKind[] = [];
  readonly isGone: boolean[] = [];
  /** Group that directly holds each node; -1 for none, and for inputs and outputs. */
  readonly parentOfNode: Int32Array;

  constructor(graph: ViewGraph) {
    this.graph = graph;
    this.nodeCount = graph.nodes.length;
    this.parentOfNode = new Int32Array(graph.nodes.length).fill(-1);
  }

  add(parent: number, name: string, kind: GroupKind): number {
    this.parent.push(parent);
    this.name.push(name);
    this.kind.push(kind);
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

  /** Operators and groups directly within each group and -1, in the order of their first operators. */
  listChildren(): Children {
    const count = this.nodeCount + this.parent.length;
    const start = new Int32Array(this.parent.length + 2);
    const order = new Int32Array(count);
    const isListed = new Uint8Array(this.parent.length);
    let listed = 0;
    for (let v = 0; v < this.nodeCount; v++) {
      if (this.graph.nodes[v]!.kind !== 'operator') continue;
      order[listed++] = v;
      for (let g = this.parentOfNode[v]!; g >= 0 && !isListed[g]; g = this.parent[g]!) {
        isListed[g] = 1;
        order[listed++] = this.nodeCount + g;
      }
    }
    for (let i = 0; i < listed; i++) start[this.parentOf(order[i]!) + 2]!++;
    for (let g = 1; g < start.length; g++) start[g]! += start[g - 1]!;
    const list = new Int32Array(listed);
    const cursor = start.slice();
    for (let i = 0; i < listed; i++) list[cursor[this.parentOf(order[i]!) + 1]!++] = order[i]!;
    return new Children(list, start);
  }
}

/** What each group holds, in one list. */
export class Children {
  readonly list: Int32Array;
  /** By group from -1 on: where its part of the list starts. */
  readonly #start: Int32Array;

  constructor(list: Int32Array, start: Int32Array) {
    this.list = list;
    this.#start = start;
  }

  /** Place in `list` of the first child of a group, or of the whole graph (-1). */
  startOf(group: number): number {
    return this.#start[group + 1]!;
  }

  /** Children of a group, or of the whole graph (-1). */
  of(group: number): Int32Array {
    return this.list.subarray(this.#start[group + 1], this.#start[group + 2]);
  }
}
