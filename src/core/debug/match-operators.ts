/** Which operators of two models belong together, told from names and kinds: for a variant that was made elsewhere. */
import { operatorKind } from '../model/operators';
import type { Model } from '../model/types';
import type { OperatorMapping } from '../optimize/types';

const CONVERTERS: ReadonlySet<string> = new Set(['QUANTIZE', 'DEQUANTIZE']);
/** What quantizers put behind the name of the integer or float form of a tensor. */
const SUFFIX = /(_(int8|uint8|int16|float|float32|quantized|dequantized|requantized?)(_\d+)?)+$/;

interface Candidate {
  readonly index: number;
  readonly kind: string;
  /** Names under which its first output is known. */
  readonly names: readonly string[];
}

/**
 * Pairs up operators of equal kind whose first outputs have the same name, without suffixes such as `_int8`; an output
 * that QUANTIZE or DEQUANTIZE hands on counts under both names. What is left between two pairs is paired in order where
 * the kinds are the same on both sides. QUANTIZE and DEQUANTIZE of the variant belong to nothing.
 */
export function matchOperators(original: Model, variant: Model): OperatorMapping {
  return original.subgraphs.map((subgraph, index) => {
    if (!variant.subgraphs[index]) return subgraph.operators.map(() => []);
    return matchSubgraph(
      candidatesOf(original, index),
      candidatesOf(variant, index),
      subgraph.operators.length,
    );
  });
}

function matchSubgraph(before: readonly Candidate[], after: readonly Candidate[], count: number): number[][] {
  const mapping = Array.from({ length: count }, (): number[] => []);
  const byName = new Map<string, Candidate[]>();
  for (const candidate of after) {
    for (const name of candidate.names) {
      const key = `${candidate.kind}/${name}`;
      byName.set(key, [...(byName.get(key) ?? []), candidate]);
    }
  }
  const taken = new Set<number>();
  for (const { index, kind, names } of before) {
    const found = names
      .flatMap((name) => byName.get(`${kind}/${name}`) ?? [])
      .find((candidate) => !taken.has(candidate.index));
    if (!found) continue;
    taken.add(found.index);
    mapping[index]!.push(found.index);
  }
  fillGaps(before, after, mapping);
  return mapping;
}

/** Runs of operators without a partner, between the same two pairs, whose kinds are the same. */
function fillGaps(before: readonly Candidate[], after: readonly Candidate[], mapping: number[][]): void {
  const place = new Map(after.map(({ index }, position) => [index, position]));
  const partner = new Set(mapping.flat());
  for (let start = 0; start < before.length; start++) {
    if (mapping[before[start]!.index]!.length > 0) continue;
    let end = start;
    while (end < before.length && mapping[before[end]!.index]!.length === 0) end++;
    const from = start === 0 ? 0 : place.get(mapping[before[start - 1]!.index]![0]!)! + 1;
    let to = from;
    while (to < after.length && !partner.has(after[to]!.index)) to++;
    const [left, right] = [before.slice(start, end), after.slice(from, to)];
    if (left.length === right.length && left.every(({ kind }, i) => kind === right[i]!.kind)) {
      left.forEach(({ index }, i) => mapping[index]!.push(right[i]!.index));
    }
    start = end;
  }
}

/** Operators that compute something, with the names of their outputs. */
function candidatesOf(model: Model, subgraph: number): Candidate[] {
  const { operators, tensors } = model.subgraphs[subgraph]!;
  const kinds = operators.map((operator) => operatorKind(model, operator));
  const handedOn = new Map<number, number[]>();
  operators.forEach(({ inputs, outputs }, index) => {
    if (!CONVERTERS.has(kinds[index]!)) return;
    const [from, to] = [inputs[0] ?? -1, outputs[0] ?? -1];
    handedOn.set(from, [...(handedOn.get(from) ?? []), to]);
  });
  return operators.flatMap(({ outputs }, index) => {
    if (CONVERTERS.has(kinds[index]!)) return [];
    const first = outputs[0] ?? -1;
    const names = [first, ...(handedOn.get(first) ?? [])].flatMap((tensor) => {
      const name = tensors[tensor]?.name ?? '';
      return name === '' ? [] : [...new Set([name, name.replace(SUFFIX, '')])];
    });
    return [{ index, kind: kinds[index]!, names }];
  });
}
