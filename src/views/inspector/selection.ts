/** What the inspector shows: an operator or a tensor of the shown subgraph; null is the model itself. */
export type Selection = { readonly kind: 'operator' | 'tensor'; readonly index: number } | null;

/** The operator or tensor that a place such as `subgraphs[0].operators[12].inputs[1]` speaks of, in this subgraph. */
export function selectionAt(where: string, subgraph: number): Selection {
  const match = /^subgraphs\[(\d+)\]\.(operators|tensors)\[(\d+)\]/.exec(where);
  if (!match || Number(match[1]) !== subgraph) return null;
  return { kind: match[2] === 'operators' ? 'operator' : 'tensor', index: Number(match[3]) };
}
