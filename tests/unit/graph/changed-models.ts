/** Random models and single changes of them, for the tests of the differences. */
import fc from 'fast-check';
import { draftModel, makeOperator, makeTensor } from '../../../src/core/model/edit';
import { operatorKind } from '../../../src/core/model/operators';
import { isConstant } from '../../../src/core/model/tensors';
import type { Model, Tensor } from '../../../src/core/model/types';
import { seededRandom } from '../../../src/core/random';
import { optionsOf } from '../integer/operators';
import { buildModel, type OperatorPlan, randomValues, type TensorPlan } from '../optimize/fixtures';

/** A model, what one change has made of it, and what of that is to be found. */
export interface Changed {
  readonly before: Model;
  readonly after: Model;
  /** Indexes before and after (-1: none) of every operator that is concerned. */
  readonly pairs: readonly (readonly [number, number])[];
  /** Change of each of them. */
  readonly change: 'removed' | 'added' | 'retyped' | 'reshaped' | 'values' | 'settings';
}

const shape = [1, 4, 4, 2];
const unary = ['RELU', 'TANH', 'LOGISTIC', 'ABS'] as const;
const padding = { padding: 'SAME', strideW: 1, strideH: 1 } as const;

/** Models in which everything has one shape and weights come more than once: only the wiring tells operators apart. */
export const alikeGraphs: fc.Arbitrary<Model> = fc
  .array(
    fc.record({
      kind: fc.constantFrom('unary', 'unary', 'CONV_2D', 'CONV_2D', 'MAX_POOL_2D', 'ADD', 'MUL'),
      choice: fc.nat(3),
      from: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(8) }),
      other: fc.nat(8),
    }),
    { minLength: 1, maxLength: 25 },
  )
  .map((steps) => {
    const tensors: Record<string, TensorPlan> = { v0: { shape } };
    const operators = steps.map(({ kind, choice, from, other }, i): OperatorPlan => {
      const read = (back: number) => `v${Math.max(0, i - back)}`;
      const outputs = [`v${i + 1}`];
      tensors[outputs[0]!] = { shape };
      switch (kind) {
        case 'CONV_2D': {
          tensors[`w${i}`] = { shape: [2, 3, 3, 2], data: randomValues(36, choice) };
          const builtinOptions = optionsOf('Conv2DOptions', padding);
          return { kind, inputs: [read(from), `w${i}`], outputs, builtinOptions };
        }
        case 'MAX_POOL_2D': {
          const sizes = { ...padding, filterWidth: 1 + choice, filterHeight: 1 + choice };
          return { kind, inputs: [read(from)], outputs, builtinOptions: optionsOf('Pool2DOptions', sizes) };
        }
        case 'ADD':
        case 'MUL':
          return { kind, inputs: [read(from), read(other)], outputs };
        default:
          return { kind: unary[choice]!, inputs: [read(from)], outputs };
      }
    });
    const isRead = new Set(operators.flatMap(({ inputs }) => inputs));
    const outputs = operators.flatMap((one) => one.outputs).filter((name) => !isRead.has(name));
    return buildModel({ tensors, operators, inputs: ['v0'], outputs });
  });

/** Makes one change, the `choice`th that is possible; null where none is. */
export type Edit = (model: Model, choice: number) => Changed | null;

export const edits: Readonly<Record<string, Edit>> = {
  'an operator removed and bridged': removeOne,
  'an operator inserted': insertOne,
  'a result of another type': (model, choice) => changeResult(model, choice, 'retyped', { type: 'FLOAT16' }),
  'a result of another shape': (model, choice) =>
    changeResult(model, choice, 'reshaped', { shape: Int32Array.of(7, 5, 3) }),
  'a constant of another shape': (model, choice) =>
    changeConstant(model, choice, 'reshaped', { shape: Int32Array.of(7, 5, 3) }),
  'a constant of other values': changeValues,
  'an option': changeOption,
};

const pick = <T>(list: readonly T[], choice: number): T | undefined => list[choice % list.length];

const same = (model: Model, operators: readonly number[]) =>
  operators
    .filter((i, k) => operators.indexOf(i) === k && model.subgraphs[0]!.operators[i])
    .map((i) => [i, i] as const);

function readersOf(model: Model, tensor: number): number[] {
  return model.subgraphs[0]!.operators.flatMap(({ inputs }, i) => (inputs.includes(tensor) ? [i] : []));
}

function removeOne(before: Model, choice: number): Changed | null {
  const { operators, tensors } = before.subgraphs[0]!;
  const bridged = ({ inputs }: { readonly inputs: Int32Array }) =>
    inputs.findLast((t) => t >= 0 && !isConstant(before, tensors[t]!)) ?? -1;
  const candidates = [...operators.keys()].filter(
    (i) => operators[i]!.outputs.length === 1 && bridged(operators[i]!) >= 0,
  );
  const index = pick(candidates, choice);
  if (index === undefined) return null;
  const draft = draftModel(before);
  draft.removeOperator(0, index);
  draft.redirect(0, operators[index]!.outputs[0]!, bridged(operators[index]!), true);
  return { before, after: draft.finish().model, pairs: [[index, -1]], change: 'removed' };
}

/** Between a value and everything that reads it. */
function insertOne(before: Model, choice: number): Changed {
  const { operators, tensors, inputs } = before.subgraphs[0]!;
  const values = [...inputs, ...operators.flatMap(({ outputs }) => [...outputs])];
  const value = pick(values, choice)!;
  const writer = operators.findIndex(({ outputs }) => outputs.includes(value));
  const draft = draftModel(before);
  const output = draft.addTensor(0, makeTensor({ ...tensors[value]!, name: 'inserted' }));
  const opcodeIndex = draft.operatorCode(unary[choice % unary.length]!);
  draft.redirect(0, value, output, true);
  draft.insertOperator(
    0,
    writer + 1,
    makeOperator({ opcodeIndex, inputs: Int32Array.of(value), outputs: Int32Array.of(output) }),
  );
  return { before, after: draft.finish().model, pairs: [[-1, writer + 1]], change: 'added' };
}

/** A new type concerns who writes and who reads a value, a new shape only who writes it. */
function changeResult(
  before: Model,
  choice: number,
  change: 'retyped' | 'reshaped',
  fields: Partial<Tensor>,
): Changed {
  const { operators } = before.subgraphs[0]!;
  const results = operators.flatMap(({ outputs }, i) => [...outputs].map((t) => [i, t] as const));
  const [writer, tensor] = pick(results, choice)!;
  const draft = draftModel(before);
  draft.replaceTensor(0, tensor, fields);
  const readers = change === 'retyped' ? readersOf(before, tensor) : [];
  return { before, after: draft.finish().model, pairs: same(before, [writer, ...readers]), change };
}

const constantsOf = (model: Model): number[] => {
  const { tensors } = model.subgraphs[0]!;
  return [...tensors.keys()].filter((t) => isConstant(model, tensors[t]!) && readersOf(model, t).length > 0);
};

function changeConstant(
  before: Model,
  choice: number,
  change: 'retyped' | 'reshaped',
  fields: Partial<Tensor>,
): Changed | null {
  const tensor = pick(constantsOf(before), choice);
  if (tensor === undefined) return null;
  const draft = draftModel(before);
  draft.replaceTensor(0, tensor, fields);
  return { before, after: draft.finish().model, pairs: same(before, readersOf(before, tensor)), change };
}

function changeValues(before: Model, choice: number): Changed | null {
  const tensor = pick(constantsOf(before), choice);
  if (tensor === undefined) return null;
  const { buffer } = before.subgraphs[0]!.tensors[tensor]!;
  const bytes = before.buffers[buffer]!.data!.slice();
  bytes[choice % bytes.length]! ^= 1;
  const draft = draftModel(before);
  draft.replaceBuffer(buffer, bytes);
  const pairs = same(before, readersOf(before, tensor));
  return { before, after: draft.finish().model, pairs, change: 'values' };
}

function changeOption(before: Model, choice: number): Changed | null {
  const { operators } = before.subgraphs[0]!;
  const candidates = [...operators.keys()].filter(
    (i) => operators[i]!.builtinOptions?.type === 'Pool2DOptions',
  );
  const index = pick(candidates, choice);
  if (index === undefined) return null;
  const draft = draftModel(before);
  const sizes = { padding: 'SAME', strideW: 1, strideH: 1, filterWidth: 9, filterHeight: 9 };
  draft.replaceOperator(0, index, { builtinOptions: optionsOf('Pool2DOptions', sizes) });
  return { before, after: draft.finish().model, pairs: [[index, index]], change: 'settings' };
}

/** What the two files of a change may be called in. Only the first leaves every name as it was. */
export const namings: Readonly<Record<string, (changed: Changed) => Changed>> = {
  'names kept': (changed) => changed,
  'no names': (changed) => rename(changed, () => ''),
  'other names': (changed) => ({ ...changed, after: named(changed.after, (t) => `other_${t}`) }),
  // As converters do: an operator more, and every name behind it is another one's.
  'names by number': (changed) => rename(changed, (_, writer) => `result_${writer}`),
  'one name for all': (changed) => rename(changed, () => 'x'),
};

type Naming = (tensor: number, writer: number) => string;

const rename = (changed: Changed, naming: Naming): Changed => ({
  ...changed,
  before: named(changed.before, naming),
  after: named(changed.after, naming),
});

function named(model: Model, naming: Naming): Model {
  const subgraph = model.subgraphs[0]!;
  const writer = new Map<number, number>();
  subgraph.operators.forEach(({ outputs }, i) => outputs.forEach((t) => writer.set(t, i)));
  const tensors = subgraph.tensors.map((tensor, t) => ({ ...tensor, name: naming(t, writer.get(t) ?? -1) }));
  return { ...model, subgraphs: [{ ...subgraph, tensors }] };
}

/** The same model with its operators in another order in which every value is written before it is read. */
export function reordered(model: Model, seed: number): Model {
  const subgraph = model.subgraphs[0]!;
  const random = seededRandom(seed);
  const unwritten = new Set(subgraph.operators.flatMap(({ outputs }) => [...outputs]));
  const waiting = [...subgraph.operators];
  const operators: typeof waiting = [];
  while (waiting.length > 0) {
    const ready = waiting.filter(({ inputs }) => !inputs.some((t) => unwritten.has(t)));
    const next = ready[Math.floor(random() * ready.length)]!;
    waiting.splice(waiting.indexOf(next), 1);
    for (const t of next.outputs) unwritten.delete(t);
    operators.push(next);
  }
  return { ...model, subgraphs: [{ ...subgraph, operators }] };
}

/** Kind of operator i. */
export const kindAt = (model: Model, i: number): string =>
  operatorKind(model, model.subgraphs[0]!.operators[i]!);
