/** Groups from the scopes in names. */
import type { GroupTree } from './groups-tree';

/** Scopes deeper than this are read as if they ended here. */
const MAX_DEPTH = 12;
/** A group in no other with at least this share of all operators says nothing. */
const NEARLY_ALL = 0.85;
/** Names with more characters are cut: no scope that anyone reads is as long. */
const MAX_NAME = 2000;

/**
 * The scopes around an operator, outermost first: of `a/b/Relu;a/b/BiasAdd` (TensorFlow joins the names of what it
 * fused) `a` and `b`, what all joined names with a scope have in common; where that is nothing, those of the first.
 * Empty where the name has no scope.
 */
export function scopesOf(name: string): string[] {
  let common: string[] | null = null;
  let first: string[] = [];
  for (const part of name.slice(0, MAX_NAME).split(';')) {
    const scopes = part.split('/').slice(0, -1);
    if (scopes.length === 0) continue;
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
  tree.graph.nodes.forEach(({ kind, name }, v) => {
    if (kind !== 'operator' || !name.includes('/')) return;
    let group = -1;
    for (const scope of scopesOf(name)) {
      const key = `${group}/${scope}`;
      let inner = known.get(key);
      if (inner === undefined) known.set(key, (inner = tree.add(group, shownName(scope), true)));
      group = inner;
    }
    tree.parentOfNode[v] = group;
  });
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
    const held = children.get(g) ?? [];
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
