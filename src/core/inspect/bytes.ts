/** Which operators, kinds and types the bytes of a model file belong to. */
import { plural } from '../format';
import { constantTensors, storedBytes, storedConstants } from '../measure/constants';
import { operatorKind } from '../model/operators';
import { dtypeName, isConstant } from '../model/tensors';
import type { Model, Tensor } from '../model/types';
import { specOf, viewSubgraph } from '../ops';
import type { ByteGroup, ByteItem, ByteLeaf, ByteView } from './types';

/**
 * The file in parts: the constants of each operator, one part for each type; constants that no operator reads; metadata;
 * and the tables of the format, which is what is left. A buffer that several operators share counts once, at the first
 * that reads it, so the parts add up to `fileBytes`. Most bytes first.
 */
export function byteItems(model: Model, fileBytes: number): readonly ByteItem[] {
  const items: ByteItem[] = [];
  const weighed = new Set<number>();
  const weigh = (tensor: Tensor): number => {
    if (tensor.externalBuffer !== 0 || !isConstant(model, tensor) || weighed.has(tensor.buffer)) return 0;
    weighed.add(tensor.buffer);
    return storedBytes(model, tensor);
  };
  model.subgraphs.forEach((subgraph, s) => {
    const constants = storedConstants(model, subgraph, viewSubgraph(model, s));
    constants.forEach((ofOperator, o) => {
      const sizes = new Map<string, number>();
      for (const index of constantTensors(subgraph, ofOperator)) {
        const tensor = subgraph.tensors[index]!;
        const size = weigh(tensor);
        if (size > 0) sizes.set(dtypeName(tensor.type), (sizes.get(dtypeName(tensor.type)) ?? 0) + size);
      }
      if (sizes.size === 0) return;
      const operator = subgraph.operators[o]!;
      const kind = operatorKind(model, operator);
      const name = subgraph.tensors[operator.outputs[0] ?? -1]?.name ?? '';
      const category = specOf(kind)?.category ?? 'other';
      for (const [dtype, sizeBytes] of sizes)
        items.push({ subgraph: s, operator: o, kind, category, name, dtype, sizeBytes });
    });
  });
  const other = (kind: string, dtype: string, sizeBytes: number) => {
    if (sizeBytes > 0)
      items.push({ subgraph: 0, operator: null, kind, category: 'other', name: kind, dtype, sizeBytes });
  };
  const unread = new Map<string, number>();
  for (const tensor of model.subgraphs.flatMap(({ tensors }) => tensors)) {
    const dtype = dtypeName(tensor.type);
    unread.set(dtype, (unread.get(dtype) ?? 0) + weigh(tensor));
  }
  for (const [dtype, sizeBytes] of unread) other('read by no operator', dtype, sizeBytes);
  const metadata = new Set(
    (model.metadata ?? []).map(({ buffer }) => buffer).filter((buffer) => !weighed.has(buffer)),
  );
  other(
    'metadata',
    'metadata',
    [...metadata].reduce((sum, buffer) => sum + (model.buffers[buffer]?.data?.length ?? 0), 0),
  );
  other('tables of the format', 'tables', fileBytes - items.reduce((sum, item) => sum + item.sizeBytes, 0));
  return items.sort((a, b) => b.sizeBytes - a.sizeBytes);
}

/**
 * The parts in groups for a picture: all operators as one group (`operator`), or by their kind or type. At most `most`
 * parts stand alone, the largest of all; the others of each group are one. Groups and parts with most bytes first.
 */
export function groupBytes(items: readonly ByteItem[], view: ByteView, most: number): readonly ByteGroup[] {
  const groups = new Map<string, ByteLeaf[]>();
  for (const leaf of view === 'dtype' ? items.map(leafOf) : mergeTypes(items)) {
    const label = view === 'operator' ? 'all' : view === 'kind' ? leaf.kind : leaf.dtype;
    const leaves = groups.get(label);
    if (leaves) leaves.push(leaf);
    else groups.set(label, [leaf]);
  }
  const sizes = [...groups.values()].flatMap((leaves) => leaves.map(({ sizeBytes }) => sizeBytes));
  const least = sizes.length > most ? sizes.sort((a, b) => b - a)[most - 1]! : 0;
  let left = most;
  return [...groups]
    .map(([label, leaves]) => {
      const alone: ByteLeaf[] = [];
      const rest: ByteLeaf[] = [];
      for (const leaf of leaves.sort((a, b) => b.sizeBytes - a.sizeBytes)) {
        if (leaf.sizeBytes >= least && left > 0) {
          left--;
          alone.push(leaf);
        } else rest.push(leaf);
      }
      return {
        label,
        sizeBytes: leaves.reduce((sum, leaf) => sum + leaf.sizeBytes, 0),
        leaves: rest.length > 1 ? [...alone, othersOf(rest)] : [...alone, ...rest],
      };
    })
    .sort((a, b) => b.sizeBytes - a.sizeBytes);
}

function leafOf(item: ByteItem): ByteLeaf {
  return { ...item, others: 0 };
}

/** One leaf for each operator, whatever types its constants have. */
function mergeTypes(items: readonly ByteItem[]): ByteLeaf[] {
  const leaves = new Map<string, ByteLeaf>();
  for (const item of items) {
    const key = item.operator === null ? item.kind : `${item.subgraph}/${item.operator}`;
    const known = leaves.get(key);
    leaves.set(
      key,
      known
        ? {
            ...known,
            dtype: known.dtype.split(', ').includes(item.dtype)
              ? known.dtype
              : `${known.dtype}, ${item.dtype}`,
            sizeBytes: known.sizeBytes + item.sizeBytes,
          }
        : leafOf(item),
    );
  }
  return [...leaves.values()];
}

function othersOf(leaves: readonly ByteLeaf[]): ByteLeaf {
  const first = leaves[0]!;
  const isOneKind = leaves.every(({ kind }) => kind === first.kind);
  const isOneType = leaves.every(({ dtype }) => dtype === first.dtype);
  return {
    subgraph: 0,
    operator: null,
    kind: isOneKind ? first.kind : 'several kinds',
    category: isOneKind ? first.category : 'other',
    name: plural(leaves.length, 'other'),
    dtype: isOneType ? first.dtype : 'several types',
    sizeBytes: leaves.reduce((sum, leaf) => sum + leaf.sizeBytes, 0),
    others: leaves.length,
  };
}
