/** What is different between a subgraph of one model and that of another, operator by operator. */
import { formatBytes, formatShape } from '../format';
import { storedBytes } from '../measure/constants';
import { operatorKind } from '../model/operators';
import { dtypeName, dynamicShapeOf, subgraphAt } from '../model/tensors';
import type { Model, Operator, Subgraph, Tensor } from '../model/types';
import type { OperatorMapping } from '../optimize/types';
import { Cones } from './diff-cones';
import { type MatchSide, matchOperators } from './diff-match';
import { findUnpacked } from './fold';

/** What can have happened to an operator, the most telling first. One that has a partner may have several. */
export const changes = [
  'added',
  'removed',
  'replaced',
  'retyped',
  'reshaped',
  'bytes',
  'values',
  'settings',
] as const;
export type Change = (typeof changes)[number];

/** One operator that is not the same in both. */
export interface DiffEntry {
  /** Index in the model before; -1 where it is added. */
  readonly before: number;
  /** Index in the model after; -1 where it is removed. */
  readonly after: number;
  /** Kind in the model after, of a removed one before. */
  readonly kind: string;
  /** Name of its first output; may be empty. */
  readonly name: string;
  readonly changes: readonly Change[];
  /** What changed in words: `float32 → int8, 4.00 KiB → 1.00 KiB`. */
  readonly detail: string;
}

export interface GraphDiff {
  /** For each operator before: the one after that it became, or -1; and the other way round. */
  readonly partnerOfBefore: Int32Array;
  readonly partnerOfAfter: Int32Array;
  /** In the order of the model after; what was removed stands where it was. */
  readonly entries: readonly DiffEntry[];
  /** Pairs without any change. */
  readonly unchanged: number;
  /** How partners were found: from what the passes did, or from names and structure. */
  readonly isMapped: boolean;
}

/**
 * Compares subgraph `subgraphIndex` of two models. Partners come from `mapping` (old operator to new ones) where there
 * is one, else from structure and names (`matchOperators`). A pair is `replaced` when its kinds differ,
 * `retyped` and `reshaped` when types or sizes of outputs or constants do, `bytes` when its constants take other room,
 * `values` when they only hold other bytes in the same, `settings` when options, scales or zero points differ. Constants
 * behind DEQUANTIZE and DENSIFY count as what is stored. Throws `ModelError` when either model has no such subgraph.
 */
export function diffGraphs(
  before: Model,
  after: Model,
  subgraphIndex: number,
  mapping: OperatorMapping | null = null,
): GraphDiff {
  const left = new Side(before, subgraphAt(before, subgraphIndex));
  const right = new Side(after, subgraphAt(after, subgraphIndex));
  const ways = mapping?.[subgraphIndex];
  const partnerOfBefore =
    ways?.length === left.kinds.length
      ? partnersOf(ways, left.kinds, right.kinds)
      : matchOperators(left.toMatch(), right.toMatch());
  const partnerOfAfter = new Int32Array(right.kinds.length).fill(-1);
  partnerOfBefore.forEach((b, a) => {
    if (b !== -1) partnerOfAfter[b] = a;
  });
  const entries: DiffEntry[] = [];
  const findings = new Findings();
  let unchanged = 0;
  const removedAfter = removedByPlace(partnerOfBefore);
  const addRemoved = (place: number) => {
    for (const a of removedAfter.get(place) ?? []) {
      const target = ways?.[a]?.find((b) => right.kinds[b] !== undefined);
      const detail = target === undefined ? '' : `merged into ${right.kinds[target]} ${target}`;
      entries.push({ ...left.words(a), before: a, after: -1, changes: ['removed'], detail });
    }
  };
  addRemoved(-1);
  partnerOfAfter.forEach((a, b) => {
    if (a === -1) {
      entries.push({ ...right.words(b), before: -1, after: b, changes: ['added'], detail: '' });
    } else {
      const found = compareOperators(left, a, right, b, findings);
      if (found === null) unchanged++;
      else entries.push({ ...right.words(b), before: a, after: b, ...found });
    }
    addRemoved(b);
  });
  return { partnerOfBefore, partnerOfAfter, entries, unchanged, isMapped: ways !== undefined };
}

/** One partner each: of several new operators the first of the same kind, of several old ones likewise. */
function partnersOf(
  ways: readonly (readonly number[])[],
  before: readonly string[],
  after: readonly string[],
): Int32Array {
  const partner = new Int32Array(before.length).fill(-1);
  const isTaken = new Uint8Array(after.length);
  for (const needsKind of [true, false]) {
    ways.forEach((targets, a) => {
      if (partner[a] !== -1) return;
      const b = targets.find(
        (target) =>
          after[target] !== undefined && !isTaken[target] && (!needsKind || after[target] === before[a]),
      );
      if (b === undefined) return;
      partner[a] = b;
      isTaken[b] = 1;
    });
  }
  return partner;
}

/** Removed operators by the operator after which they are listed: that of the last one before with a partner. */
function removedByPlace(partnerOfBefore: Int32Array): Map<number, number[]> {
  const byPlace = new Map<number, number[]>();
  let place = -1;
  partnerOfBefore.forEach((b, a) => {
    if (b !== -1) {
      place = b;
      return;
    }
    const list = byPlace.get(place);
    if (list) list.push(a);
    else byPlace.set(place, [a]);
  });
  return byPlace;
}

/** One of the two graphs, and what is asked of it often. */
class Side {
  readonly model: Model;
  readonly subgraph: Subgraph;
  readonly kinds: readonly string[];
  /** For each tensor the constant that it is unpacked from, or itself; null where nothing is unpacked. */
  readonly sourceOf: Int32Array | null;

  constructor(model: Model, subgraph: Subgraph) {
    this.model = model;
    this.subgraph = subgraph;
    const kindOfCode: string[] = [];
    this.kinds = subgraph.operators.map((operator) => {
      const code = operator.opcodeIndex;
      return (kindOfCode[code] ??= model.operatorCodes[code] ? operatorKind(model, operator) : 'UNKNOWN');
    });
    const kinds = new Set(kindOfCode);
    const canUnpack = kinds.has('DEQUANTIZE') || kinds.has('DENSIFY');
    this.sourceOf = canUnpack ? findUnpacked(model, subgraph).sourceOf : null;
  }

  /** The tensor that is read or written, a constant as it is stored; null for an operand left out. */
  tensor(t: number): Tensor | null {
    return this.subgraph.tensors[this.sourceOf?.[t] ?? t] ?? null;
  }

  /** Stored bytes of a tensor; null where it is computed. */
  bytes(tensor: Tensor | null): Uint8Array | null {
    const data = tensor && this.model.buffers[tensor.buffer]?.data;
    return data && data.length > 0 ? data : null;
  }

  words(i: number): Pick<DiffEntry, 'kind' | 'name'> {
    const output = this.subgraph.operators[i]!.outputs[0] ?? -1;
    return { kind: this.kinds[i]!, name: this.subgraph.tensors[output]?.name ?? '' };
  }

  toMatch(): MatchSide {
    const { operators, tensors } = this.subgraph;
    const handedOnAs = new Map<number, string>();
    this.kinds.forEach((kind, i) => {
      if (kind !== 'QUANTIZE' && kind !== 'DEQUANTIZE') return;
      const { inputs, outputs } = operators[i]!;
      const from = inputs[0] ?? -1;
      if (!handedOnAs.has(from)) handedOnAs.set(from, tensors[outputs[0] ?? -1]?.name ?? '');
    });
    return {
      kinds: this.kinds,
      names: operators.map(({ outputs }) => tensors[outputs[0] ?? -1]?.name ?? ''),
      handedOn:
        handedOnAs.size === 0 ? null : operators.map(({ outputs }) => handedOnAs.get(outputs[0] ?? -1) ?? ''),
      cones: new Cones(this.model, this.subgraph, this.kinds),
    };
  }
}

/** Collects what is different about one pair after the other. */
class Findings {
  #found: Change[] = [];
  #words: string[] = [];

  /** The first of a kind counts; `text` may be empty. */
  tell(change: Change, text: string): void {
    if (this.#found.includes(change)) return;
    this.#found.push(change);
    this.#words.push(text);
  }

  /** What was found about a pair, null where nothing was; the next pair starts anew. */
  take(): Pick<DiffEntry, 'changes' | 'detail'> | null {
    if (this.#found.length === 0) return null;
    const found = this.#found;
    const detail = this.#words.filter((words) => words !== '').join(', ');
    this.#found = [];
    this.#words = [];
    return { changes: changes.filter((change) => found.includes(change)), detail };
  }
}

/** Null where nothing is different. */
function compareOperators(
  left: Side,
  a: number,
  right: Side,
  b: number,
  findings: Findings,
): Pick<DiffEntry, 'changes' | 'detail'> | null {
  const before = left.subgraph.operators[a]!;
  const after = right.subgraph.operators[b]!;
  const isReplaced = left.kinds[a] !== right.kinds[b];
  if (isReplaced) findings.tell('replaced', `${left.kinds[a]} → ${right.kinds[b]}`);
  let [bytesBefore, bytesAfter] = [0, 0];
  let hasSameBytes = true;
  const inputCount = Math.max(before.inputs.length, after.inputs.length);
  for (let k = 0; k < inputCount; k++) {
    const x = left.tensor(before.inputs[k] ?? -1);
    const y = right.tensor(after.inputs[k] ?? -1);
    const dataX = left.bytes(x);
    const dataY = right.bytes(y);
    if (x && dataX) bytesBefore += storedBytes(left.model, x);
    if (y && dataY) bytesAfter += storedBytes(right.model, y);
    if (x && y) compareTensors(x, y, dataX !== null && dataY !== null, findings);
    if (!areEqualBytes(dataX, dataY)) hasSameBytes = false;
  }
  if (before.inputs.length !== after.inputs.length || before.outputs.length !== after.outputs.length) {
    findings.tell('settings', 'number of operands');
  }
  for (let k = 0; k < Math.min(before.outputs.length, after.outputs.length); k++) {
    const x = left.subgraph.tensors[before.outputs[k]!];
    const y = right.subgraph.tensors[after.outputs[k]!];
    if (x && y) compareTensors(x, y, true, findings);
  }
  if (bytesBefore !== bytesAfter) {
    findings.tell('bytes', `${formatBytes(bytesBefore)} → ${formatBytes(bytesAfter)}`);
  } else if (!hasSameBytes) findings.tell('values', '');
  const option = isReplaced ? null : changedOption(before, after);
  if (option !== null) findings.tell('settings', option);
  return findings.take();
}

/** Types; shapes and scales only where `isWhole`: those of computed inputs are their writer's. */
function compareTensors(x: Tensor, y: Tensor, isWhole: boolean, findings: Findings): void {
  if (x.type !== y.type) findings.tell('retyped', `${dtypeName(x.type)} → ${dtypeName(y.type)}`);
  if (!isWhole) return;
  if (!areEqualLists(sizesOf(x), sizesOf(y))) {
    findings.tell('reshaped', `${formatShape(dynamicShapeOf(x))} → ${formatShape(dynamicShapeOf(y))}`);
  }
  if (!hasSameScales(x, y)) findings.tell('settings', 'scales');
}

/** As `dynamicShapeOf`, without a copy. */
function sizesOf({ shape, shapeSignature }: Tensor): Int32Array | null {
  return shapeSignature !== null && shapeSignature.length > 0 ? shapeSignature : shape;
}

function hasSameScales(x: Tensor, y: Tensor): boolean {
  const before = x.quantization;
  const after = y.quantization;
  // New scales are part of a new type, not a change of their own.
  if (before === after || x.type !== y.type) return true;
  return (
    areEqualLists(before?.scale ?? null, after?.scale ?? null) &&
    areEqualLists(before?.zeroPoint ?? null, after?.zeroPoint ?? null)
  );
}

type NumberList = ArrayLike<number> | ArrayLike<bigint>;

/** Absent and empty are alike here. */
function areEqualLists(x: NumberList | null, y: NumberList | null): boolean {
  if (x === y) return true;
  const length = x?.length ?? 0;
  if (length !== (y?.length ?? 0)) return false;
  for (let i = 0; i < length; i++) if (x![i] !== y![i]) return false;
  return true;
}

/** Compares four bytes at a time where both lie at such a place. */
function areEqualBytes(x: Uint8Array | null, y: Uint8Array | null): boolean {
  if (x === y) return true;
  if (x?.length !== y?.length || !x || !y) return false;
  if (x.buffer === y.buffer && x.byteOffset === y.byteOffset) return true;
  let i = 0;
  if (x.byteOffset % 4 === 0 && y.byteOffset % 4 === 0) {
    const count = x.length >> 2;
    const wideX = new Uint32Array(x.buffer, x.byteOffset, count);
    const wideY = new Uint32Array(y.buffer, y.byteOffset, count);
    for (let word = 0; word < count; word++) if (wideX[word] !== wideY[word]) return false;
    i = count * 4;
  }
  for (; i < x.length; i++) if (x[i] !== y[i]) return false;
  return true;
}

/** Name of the first option that differs, or null. */
function changedOption(before: Operator, after: Operator): string | null {
  return (
    changedField(before.builtinOptions, after.builtinOptions) ??
    changedField(before.builtinOptions2, after.builtinOptions2) ??
    (areEqualBytes(before.customOptions, after.customOptions) ? null : 'options')
  );
}

type Options = Operator['builtinOptions'] | Operator['builtinOptions2'];

function changedField(before: Options, after: Options): string | null {
  if (before === after) return null;
  if (before === null || after === null || before.type !== after.type) return 'options';
  const x = before.value as Fields;
  const y = after.value as Fields;
  for (const field in x) if (!isEqualValue(x[field], y[field])) return field;
  return null;
}

type Fields = Readonly<Record<string, unknown>>;

function isEqualValue(x: unknown, y: unknown): boolean {
  if (Object.is(x, y)) return true;
  if (typeof x !== 'object' || typeof y !== 'object' || x === null || y === null) return false;
  const keys = Object.keys(x);
  return (
    keys.length === Object.keys(y).length &&
    keys.every((key) => isEqualValue((x as Fields)[key], (y as Fields)[key]))
  );
}
