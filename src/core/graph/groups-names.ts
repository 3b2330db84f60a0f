/** Groups from the scopes in names. */
import type { GroupTree } from './groups-tree';

/** Scopes deeper than this are read as if they ended here. */
const MAX_DEPTH = 12;
/** A group in no other with at least this share of all operators says nothing. */
const NEARLY_ALL = 0.85;
/** Names with more characters are cut: no scope that anyone reads is as long. */
const MAX_NAME = 2000;
/** What PyTorch's converter puts behind the name of a module: nothing for its first value. */
const NUMBER = /^\d*$/;

/**
 * The scopes around an operator, outermost first: of `a/b/Relu;a/b/BiasAdd` (TensorFlow joins the names of what it
 * fused) `a` and `b`, what all joined names with a scope have in common; where that is nothing, those of the first. Of
 * `a/b;7` (from PyTorch: the names of modules, with a number for each of their values) `a` and `b` as well. Empty where
 * the name has no scope.
 */
export function scopesOf(name: string): string[] {
  let common: string[] | null = null;
  let first: string[] = [];
  const parts = name.slice(0, MAX_NAME).split(';');
  for (let i = 0; i < parts.length; i++) {
    const isModule = i + 1 < parts.length && NUMBER.test(parts[i + 1]!);
    const scopes = parts[i]!.split('/');
    if (scopes.length === 1) continue;
    if (!isModule) scopes.pop();
    if (!common) common = first = scopes;
    else {
      let same = 0;
      while (same < common.length && common[same] === scopes[same]) same++;
      common = common.slice(0, same);
    }
  }
  const scopes: string[] = common && common.length > 0 ? common : first;
  return scopes.filter((scope) => scope !== '').slice(0, MAX_DEPTH);
}

/** `torch.nn.modules.activation.MultiheadAttention_attention` is shown as `MultiheadAttention_attention`. */
function shownName(scope: string): string {
  const last = scope.slice(scope.lastIndexOf('.') + 1);
  return /^(\w+\.){2,}[A-Za-z_]\w*$/.test(scope) ? last : scope;
}

/** Puts every operator with a scope into the group of that scope. */
export function groupByScope(tree: GroupTree): void {
  const known = new Map<string, number>();
  /** Groups by everything before the last `/`: names of one scope are read once, where nothing is joined. */
  const byPath = new Map<string, number>();
  const groupOf = (name: string): number => {
    let group = -1;
    for (const scope of scopesOf(name)) {
      const key = `${group}/${scope}`;
      let inner = known.get(key);
      if (inner === undefined) known.set(key, (inner = tree.add(group, shownName(scope), 'scope')));
      group = inner;
    }
    return group;
  };
  tree.graph.nodes.forEach(({ kind, name }, v) => {
    const end = kind === 'operator' ? name.lastIndexOf('/') : -1;
    if (end === -1) return;
    if (name.length > MAX_NAME || name.includes(';')) {
      tree.parentOfNode[v] = groupOf(name);
      return;
    }
    const path = name.slice(0, end);
    let group = byPath.get(path);
    if (group === undefined) byPath.set(path, (group = groupOf(name)));
    tree.parentOfNode[v] = group;
  });
}

/**
 * Puts an operator that stands outside of a group, though all that it reads and all that reads it lies within, into that
 * group: the name of an operator that several places share is that of one of them.
 */
export function groupByNeighbours(tree: GroupTree): void {
  const { graph, nodeCount, parent, parentOfNode } = tree;
  if (parent.length === 0) return;
  const around = commonGroup(tree);
  /** Innermost group around all that each node reads, and around all that reads it; -2: nothing yet. */
  const reads = new Int32Array(nodeCount).fill(-2);
  const readBy = new Int32Array(nodeCount).fill(-2);
  const widen = (list: Int32Array, v: number, group: number) => {
    list[v] = list[v] === -2 ? group : around(list[v]!, group);
  };
  graph.edgeFrom.forEach((v, e) => {
    widen(readBy, v, parentOfNode[graph.edgeTo[e]!]!);
    widen(reads, graph.edgeTo[e]!, parentOfNode[v]!);
  });
  for (let v = 0; v < nodeCount; v++) {
    if (graph.nodes[v]!.kind !== 'operator' || reads[v] === -2 || readBy[v] === -2) continue;
    const group = around(reads[v]!, readBy[v]!);
    if (group !== -1 && around(group, parentOfNode[v]!) === parentOfNode[v]) parentOfNode[v] = group;
  }
}

/** Operators that hand a variable on: the converter gives them the variable's name, or none. */
const OF_VARIABLES: ReadonlySet<string> = new Set(['VAR_HANDLE', 'READ_VARIABLE', 'ASSIGN_VARIABLE']);

/**
 * Puts the operators of a variable that are outside of all groups into the innermost group around all their neighbours:
 * what reads and writes a variable has a scope in its name, VAR_HANDLE and ASSIGN_VARIABLE have none.
 */
export function groupVariables(tree: GroupTree): void {
  const { graph, nodeCount, parentOfNode } = tree;
  const around = commonGroup(tree);
  const isVariable = (v: number) => parentOfNode[v] === -1 && OF_VARIABLES.has(graph.nodes[v]!.title);
  // Sets of them that are linked: each leads to one of its set.
  const root = Int32Array.from({ length: nodeCount }, (_, v) => v);
  const rootOf = (v: number): number => {
    while (root[v] !== v) v = root[v] = root[root[v]!]!;
    return v;
  };
  graph.edgeFrom.forEach((v, e) => {
    const w = graph.edgeTo[e]!;
    if (isVariable(v) && isVariable(w)) root[rootOf(v)] = rootOf(w);
  });
  /** Innermost group around all neighbours of a set; -2: none yet, -1: none. */
  const group = new Int32Array(nodeCount).fill(-2);
  const meets = (v: number, w: number): void => {
    if (!isVariable(v) || isVariable(w)) return;
    const set = rootOf(v);
    group[set] = group[set] === -2 ? parentOfNode[w]! : around(group[set]!, parentOfNode[w]!);
  };
  graph.edgeFrom.forEach((v, e) => {
    meets(v, graph.edgeTo[e]!);
    meets(graph.edgeTo[e]!, v);
  });
  const sets = Int32Array.from({ length: nodeCount }, (_, v) => (isVariable(v) ? rootOf(v) : -1));
  sets.forEach((set, v) => {
    if (set !== -1 && group[set]! >= 0) parentOfNode[v] = group[set]!;
  });
}

/** Gives the innermost group around two groups; -1 where none is around both. */
function commonGroup({ parent }: GroupTree): (a: number, b: number) => number {
  const depth = new Int32Array(parent.length + 1);
  parent.forEach((outer, g) => (depth[g + 1] = depth[outer + 1]! + 1));
  return (a, b) => {
    while (a !== b) {
      if (depth[a + 1]! >= depth[b + 1]!) a = parent[a]!;
      else b = parent[b]!;
    }
    return a;
  };
}

/**
 * Dissolves groups of fewer than two operators, groups whose parent holds nothing else (they take its place, and
 * its name as a prefix), and groups of nearly all operators.
 */
export function dissolveSmall(tree: GroupTree): void {
  const { nodeCount, parent, name, isGone, parentOfNode } = tree;
  const children = tree.listChildren();
  const operators = new Int32Array(parent.length);
  for (let v = 0; v < nodeCount; v++) {
    for (let g = parentOfNode[v]!; g >= 0; g = parent[g]!) operators[g]!++;
  }
  // Groups are made after their parents.
  for (let g = 0; g < parent.length; g++) {
    const held = children.of(g);
    if (held.length > 1) continue;
    isGone[g] = true;
    const only = held[0] === undefined ? -1 : held[0] - nodeCount;
    if (only >= 0) name[only] = `${name[g]}/${name[only]}`;
  }
  for (let g = 0; g < parent.length; g++) if (operators[g]! < 2) isGone[g] = true;
  const all = tree.graph.nodes.reduce((sum, { kind }) => sum + (kind === 'operator' ? 1 : 0), 0);
  for (let g = 0; g < parent.length; g++) {
    const isOutermost = parent[g] === -1 || isGone[parent[g]!];
    if (isOutermost && operators[g]! >= NEARLY_ALL * all) isGone[g] = true;
  }
  const kept = (group: number): number => {
    while (group >= 0 && isGone[group]) group = parent[group]!;
    return group;
  };
  for (let v = 0; v < nodeCount; v++) parentOfNode[v] = kept(parentOfNode[v]!);
  for (let g = 0; g < parent.length; g++) parent[g] = kept(parent[g]!);
}

/**
 * Names of the groups `order`; `first` is the first node of each. Blocks of one name that are built differently (by their hashes) are told apart by letters:
 * `CONV_2D to ADD (B)`; a row of equal blocks has the letter of its blocks.
 */
export function groupNames(
  { name, kind, parent }: GroupTree,
  order: readonly number[],
  first: Int32Array,
  hashes: readonly number[],
): string[] {
  /** For each name of a block its hashes, numbered in the order of their operators. */
  const variants = new Map<string, Map<number, number>>();
  /** For each row the hashes of its blocks. */
  const blocksOf = new Map<number, Set<number>>();
  for (const i of [...order.keys()].sort((a, b) => first[a]! - first[b]! || a - b)) {
    const group = order[i]!;
    if (kind[group] !== 'block') continue;
    const hash = hashes[group]!;
    const known = variants.get(name[group]!) ?? new Map<number, number>();
    variants.set(name[group]!, known);
    if (!known.has(hash)) known.set(hash, known.size);
    blocksOf.set(parent[group]!, (blocksOf.get(parent[group]!) ?? new Set<number>()).add(hash));
  }
  const letter = (block: string, hash: number): string => {
    const known = variants.get(block);
    return known && known.size > 1 ? ` (${letters(known.get(hash)!)})` : '';
  };
  return order.map((group) => {
    const text = name[group]!;
    if (kind[group] === 'block') return text + letter(text, hashes[group]!);
    const [hash, ...others] = blocksOf.get(group) ?? [];
    if (kind[group] !== 'row' || hash === undefined || others.length > 0) return text;
    return text + letter(text.slice(text.indexOf(' × ') + 3), hash);
  });
}

/** A, B, … Z, AA, AB, … */
function letters(number: number): string {
  const last = String.fromCharCode(65 + (number % 26));
  return number < 26 ? last : letters(Math.floor(number / 26) - 1) + last;
}
