/** Groups of operators: by the scopes of their names, by repeated structure where names say nothing. */
import type { Model } from '../model/types';
import { dissolveCycles } from './groups-acyclic';
import { countEqual } from './groups-hash';
import { dissolveSmall, groupByNeighbours, groupVariables, groupByScope, groupNames } from './groups-names';
import { groupRepeats } from './groups-repeats';
import { nodeSymbols } from './groups-symbols';
import { GroupTree } from './groups-tree';
import type { Group, Groups, ViewGraph } from './types';

/** Names are followed when they put at least this share of the operators into groups. */
const LEAST_NAMED = 0.3;

const found = new WeakMap<ViewGraph, Groups>();

/** The groups of a graph: those that came with it, or those that its names and structure give. Found once. */
export function groupsOf(graph: ViewGraph): Groups {
  let groups = graph.groups ?? found.get(graph);
  if (!groups) found.set(graph, (groups = findGroups(graph)));
  return groups;
}

/**
 * Groups the operators of a graph: by name scope (`a/b/Relu` lies in `a`, and there in `b`), and within what has
 * many parts without a scope, by chains that repeat. Groups of one operator, groups that hold nothing but one other
 * group, named groups of nearly everything, and groups that would close a cycle are left out. Parents come before their
 * children. `model` is what the graph was made of: without it, options do not count towards groups being alike. Iterative;
 * the time grows with operators and edges, times the depth of the groups (12 at most).
 */
export function findGroups(graph: ViewGraph, model: Model | null = null): Groups {
  const operatorCount = graph.nodes.reduce((sum, { kind }) => sum + (kind === 'operator' ? 1 : 0), 0);
  const tree = new GroupTree(graph);
  groupByScope(tree);
  groupByNeighbours(tree);
  dissolveCycles(tree);
  dissolveSmall(tree);
  groupVariables(tree);
  const named = tree.parentOfNode.reduce((sum, parent) => sum + (parent >= 0 ? 1 : 0), 0);
  if (named < LEAST_NAMED * operatorCount) tree.clear();
  const namedCount = tree.parent.length;
  const hashes = groupRepeats(tree, nodeSymbols(graph, model));
  if (tree.parent.length > namedCount) dissolveCycles(tree);
  return listGroups(tree, hashes);
}

/** Numbers the groups so that parents come first and those of one parent in the order of their operators. */
function listGroups(tree: GroupTree, hashes: readonly number[]): Groups {
  const { graph } = tree;
  const children = tree.listChildren();
  const order: number[] = [];
  const queue = [-1];
  for (let read = 0; read < queue.length; read++) {
    for (const child of children.of(queue[read]!)) {
      if (child < tree.nodeCount) continue;
      const id = child - tree.nodeCount;
      order.push(id);
      queue.push(id);
    }
  }
  const number = new Map(order.map((id, i) => [id, i]));
  const parentOf = Int32Array.from(order, (id) => number.get(tree.parent[id]!) ?? -1);
  const groupOfNode = tree.parentOfNode.map((id) => number.get(id) ?? -1);
  const operators = new Int32Array(order.length);
  const macs = new Float64Array(order.length);
  const bytes = new Float64Array(order.length);
  const first = new Int32Array(order.length).fill(-1);
  groupOfNode.forEach((own, v) => {
    const node = graph.nodes[v]!;
    for (let g = own; g >= 0; g = parentOf[g]!) {
      operators[g]! += 1 + node.folded.length;
      macs[g]! += node.macs;
      bytes[g]! += node.sizeBytes;
      if (first[g] === -1) first[g] = v;
    }
  });
  const twins = countEqual(
    parentOf,
    Float64Array.from(order, (id) => hashes[id]!),
  );
  const names = groupNames(tree, order, first, hashes);
  const keys: string[] = [];
  const uses = new Map<string, number>();
  const list = order.map((id, g): Group => {
    const parent = parentOf[g]!;
    const own = tree.kind[id] === 'scope' ? tree.name[id]! : `#${graph.nodes[first[g]!]!.name || first[g]!}`;
    const wanted = `${parent === -1 ? '' : keys[parent]!}/${own}`;
    const use = (uses.get(wanted) ?? 0) + 1;
    uses.set(wanted, use);
    // Fused operators of several blocks may bear one name.
    const key = use === 1 ? wanted : `${wanted}~${use}`;
    keys.push(key);
    return {
      name: names[g]!,
      key,
      parent,
      operatorCount: operators[g]!,
      macs: macs[g]!,
      sizeBytes: bytes[g]!,
      repeats: twins.repeats[g]!,
      ordinal: twins.ordinal[g]!,
      first: first[g]!,
    };
  });
  return { list, groupOfNode };
}
