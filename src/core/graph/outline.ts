/** The operators of a model as the rows of a tree: subgraphs, groups of operators, operators. */
import type { Groups, ViewGraph, ViewNode } from './types';

interface Place {
  /** Tells rows of one tree apart. */
  readonly key: string;
  /** Depth in the tree, from 1. */
  readonly level: number;
  /** Place among the rows of its parent, from 1, and how many there are. */
  readonly position: number;
  readonly siblings: number;
  /** Row of its parent among the rows that are shown; -1 for none. */
  readonly parent: number;
}

export type OutlineRow = Place &
  (
    | { readonly kind: 'subgraph'; readonly index: number; readonly text: string; readonly isOpen: boolean }
    | { readonly kind: 'group'; readonly text: string; readonly count: number; readonly isOpen: boolean }
    | { readonly kind: 'operator'; readonly text: string; readonly node: ViewNode }
  );

export interface OutlineSource {
  /** The subgraph that is shown; null while it is being loaded. */
  readonly graph: ViewGraph | null;
  readonly groups: Groups | null;
  /** All subgraphs by name; a single one has no row of its own. */
  readonly subgraphs: readonly string[];
  /** Which subgraph `graph` is. */
  readonly subgraph: number;
  /** Keys of the branches that are closed. Other subgraphs than the shown one are always closed. */
  readonly closed: ReadonlySet<string>;
}

/** Key of a subgraph's row. */
export const subgraphKey = (index: number): string => `subgraph ${index}`;
/** Key of an operator's row, by operator index. */
export const operatorKey = (index: number): string => `operator ${index}`;
/** Key of a group's row. */
export const groupKey = (key: string): string => `group ${key}`;

/** The rows that are shown, from top to bottom. Groups stand where their first operator would. */
export function outlineRows({ graph, groups, subgraphs, subgraph, closed }: OutlineSource): OutlineRow[] {
  const rows: OutlineRow[] = [];
  const hasBranches = subgraphs.length > 1;
  if (!hasBranches) {
    if (graph) addOperators(rows, graph, groups, closed, 1, -1);
    return rows;
  }
  subgraphs.forEach((text, index) => {
    const key = subgraphKey(index);
    const isOpen = index === subgraph && !closed.has(key);
    const place = { key, level: 1, position: index + 1, siblings: subgraphs.length, parent: -1 };
    const row = rows.push({ ...place, kind: 'subgraph', index, text, isOpen }) - 1;
    if (isOpen && graph) addOperators(rows, graph, groups, closed, 2, row);
  });
  return rows;
}

/** A group (`number`) or the node of an operator. */
type Child = { readonly group: number } | { readonly node: ViewNode };

function addOperators(
  rows: OutlineRow[],
  graph: ViewGraph,
  groups: Groups | null,
  closed: ReadonlySet<string>,
  level: number,
  parent: number,
): void {
  const children = childrenOf(graph, groups);
  // A stack instead of recursion: scopes may nest deeply.
  const stack = [{ list: children.get(-1) ?? [], next: 0, level, parent }];
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    const child = top.list[top.next++];
    if (!child) {
      stack.pop();
      continue;
    }
    // Written out twice: spreading the common part takes most of the time of large graphs.
    if ('node' in child) {
      const { node } = child;
      rows.push({
        kind: 'operator',
        key: operatorKey(node.index),
        level: top.level,
        position: top.next,
        siblings: top.list.length,
        parent: top.parent,
        text: node.title,
        node,
      });
      continue;
    }
    const { name, key: ownKey, operatorCount } = groups!.list[child.group]!;
    const key = groupKey(ownKey);
    const isOpen = !closed.has(key);
    rows.push({
      kind: 'group',
      key,
      level: top.level,
      position: top.next,
      siblings: top.list.length,
      parent: top.parent,
      text: name,
      count: operatorCount,
      isOpen,
    });
    if (isOpen) {
      const list = children.get(child.group) ?? [];
      stack.push({ list, next: 0, level: top.level + 1, parent: rows.length - 1 });
    }
  }
}

/** What `listChildren` gave for a graph: branches open and close often, and the graph stays. */
const known = new WeakMap<
  ViewGraph,
  { readonly groups: Groups | null; readonly children: Map<number, Child[]> }
>();

function childrenOf(graph: ViewGraph, groups: Groups | null): Map<number, Child[]> {
  const last = known.get(graph);
  if (last?.groups === groups) return last.children;
  const children = listChildren(graph, groups);
  known.set(graph, { groups, children });
  return children;
}

/** What lies directly in each group (and in none, -1), in the order of the first operators. */
function listChildren(graph: ViewGraph, groups: Groups | null): Map<number, Child[]> {
  const children = new Map<number, Child[]>();
  const isListed = new Set<number>();
  const add = (group: number, child: Child): void => {
    const listed = children.get(group);
    if (listed) listed.push(child);
    else children.set(group, [child]);
  };
  graph.nodes.forEach((node, v) => {
    if (node.kind !== 'operator') return;
    let group = groups?.groupOfNode[v] ?? -1;
    add(group, { node });
    while (group >= 0 && !isListed.has(group)) {
      isListed.add(group);
      const outer = groups!.list[group]!.parent;
      add(outer, { group });
      group = outer;
    }
  });
  return children;
}

/** Keys of the branches around an operator, outermost first; empty for an operator that is not drawn. */
export function branchesAround(source: OutlineSource, operator: number): string[] {
  const { graph, groups, subgraphs, subgraph } = source;
  const node = graph?.nodeOfOperator[operator] ?? -1;
  if (node < 0) return [];
  const keys: string[] = [];
  for (let g = groups?.groupOfNode[node] ?? -1; g >= 0; g = groups!.list[g]!.parent) {
    keys.unshift(groupKey(groups!.list[g]!.key));
  }
  return subgraphs.length > 1 ? [subgraphKey(subgraph), ...keys] : keys;
}
