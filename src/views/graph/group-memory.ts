/** Which groups of each model are collapsed, kept while the page is open. */
import { groupsOf } from '../../core/graph/groups';
import { collapsedAtFirst } from '../../core/graph/groups-draw';
import type { ViewGraph } from '../../core/graph/types';

interface Memory {
  readonly collapsed: Set<string>;
  /** Groups that were shown before: others take their first state. */
  readonly known: Set<string>;
}

const remembered = new Map<string, Memory>();

/** Keys of the collapsed groups of a graph. Graphs with one key (variants of a model) share what was opened. */
export function collapsedGroups(key: string, graph: ViewGraph): ReadonlySet<string> {
  const groups = groupsOf(graph);
  let memory = remembered.get(key);
  if (!memory) remembered.set(key, (memory = { collapsed: new Set(), known: new Set() }));
  const { collapsed, known } = memory;
  if (groups.list.every((group) => known.has(group.key))) return collapsed;
  const atFirst = collapsedAtFirst(graph, groups);
  for (const group of groups.list) {
    if (!known.has(group.key) && atFirst.has(group.key)) collapsed.add(group.key);
    known.add(group.key);
  }
  return collapsed;
}

/** Collapses or expands groups of a graph that was asked for before. */
export function rememberGroups(key: string, groups: Iterable<string>, isCollapsed: boolean): void {
  const memory = remembered.get(key);
  for (const group of groups) {
    if (isCollapsed) memory?.collapsed.add(group);
    else memory?.collapsed.delete(group);
  }
}
