/**
 * Changing a model without touching it: a draft collects edits, `finish` gives a new model that shares every part
 * that was not edited. Operators are named by their index in the original model throughout, so that a pass may
 * walk the old graph while it edits; tensor, buffer and code indexes are those of the draft (old ones never move).
 */
import { ModelError } from '../errors';
import { withOperatorCode } from './operators';
import type { BuiltinOperator, Model, ModelBuffer, Operator, OperatorCode, Subgraph, Tensor } from './types';

export { makeModel, makeOperator, makeQuantization, makeSubgraph, makeTensor } from './make';

/** Old operator to new ones: `mapping[subgraph][oldOperator]`; empty when removed. */
export type DraftMapping = readonly (readonly (readonly number[])[])[];

export interface ModelDraft {
  /** Adds a buffer with these bytes and returns its index. */
  addBuffer(data: Uint8Array | null): number;
  /** Puts other bytes (null: none) into an existing buffer. Every tensor that shares the buffer sees them. */
  replaceBuffer(buffer: number, data: Uint8Array | null): void;
  /** Adds a tensor to a subgraph and returns its index. */
  addTensor(subgraph: number, tensor: Tensor): number;
  /** The tensor as edited so far. */
  tensor(subgraph: number, index: number): Tensor;
  /** Replaces the given fields of a tensor. */
  replaceTensor(subgraph: number, index: number, changes: Partial<Tensor>): void;
  /** The operator as edited so far; null once removed. */
  operator(subgraph: number, index: number): Operator | null;
  /** Replaces the given fields of an operator. */
  replaceOperator(subgraph: number, index: number, changes: Partial<Operator>): void;
  /** Lets one operator read `tensor` at input position `input`. */
  replaceInput(subgraph: number, index: number, input: number, tensor: number): void;
  /** Lets every operator that reads `from` read `to` instead; graph outputs and signatures too when asked. */
  redirect(subgraph: number, from: number, to: number, andOutputs?: boolean): void;
  /**
   * Inserts an operator before the old operator `before` (the operator count: at the end); several at one place keep
   * their order. `owner` names the old operator that it belongs to in the mapping, or null.
   */
  insertOperator(subgraph: number, before: number, operator: Operator, owner?: number | null): void;
  removeOperator(subgraph: number, index: number): void;
  /** Index of the code entry for an operator and version; added when missing. */
  operatorCode(name: BuiltinOperator, version?: number, custom?: string | null): number;
  /** Replaces inputs or outputs of the subgraph itself. */
  replaceSubgraph(subgraph: number, changes: Partial<Pick<Subgraph, 'inputs' | 'outputs' | 'name'>>): void;
  /** The new model, frozen, and where the old operators went. */
  finish(): { readonly model: Model; readonly mapping: DraftMapping };
}

interface Insertion {
  readonly operator: Operator;
  readonly owner: number | null;
}

interface SubgraphDraft {
  tensors: Tensor[];
  operators: (Operator | null)[];
  insertions: Map<number, Insertion[]>;
  fields: Subgraph;
  edited: boolean;
}

/** Starts a draft of a model. Indexes out of range throw `ModelError`. */
export function draftModel(model: Model): ModelDraft {
  const subgraphs: SubgraphDraft[] = model.subgraphs.map((subgraph) => ({
    tensors: [...subgraph.tensors],
    operators: [...subgraph.operators],
    insertions: new Map(),
    fields: subgraph,
    edited: false,
  }));
  const buffers: ModelBuffer[] = [...model.buffers];
  let operatorCodes: readonly OperatorCode[] = model.operatorCodes;
  let signatureDefs = model.signatureDefs;

  function editing(index: number): SubgraphDraft {
    const draft = at(subgraphs, index, 'subgraphs');
    draft.edited = true;
    return draft;
  }

  const draft: ModelDraft = {
    addBuffer: (data) => buffers.push(Object.freeze({ data, outside: false })) - 1,
    replaceBuffer(buffer, data) {
      const { outside } = at(buffers, buffer, 'buffers');
      buffers[buffer] = Object.freeze({ data, outside: outside && data !== null });
    },
    addTensor: (subgraph, tensor) => editing(subgraph).tensors.push(Object.freeze(tensor)) - 1,
    tensor: (subgraph, index) => at(at(subgraphs, subgraph, 'subgraphs').tensors, index, 'tensors'),
    replaceTensor(subgraph, index, changes) {
      const { tensors } = editing(subgraph);
      tensors[index] = Object.freeze({ ...at(tensors, index, 'tensors'), ...changes });
    },
    operator: (subgraph, index) => at(at(subgraphs, subgraph, 'subgraphs').operators, index, 'operators'),
    replaceOperator(subgraph, index, changes) {
      const { operators } = editing(subgraph);
      const operator = at(operators, index, 'operators');
      if (operator !== null) operators[index] = Object.freeze({ ...operator, ...changes });
    },
    replaceInput(subgraph, index, input, tensor) {
      const operator = draft.operator(subgraph, index);
      if (operator === null) return;
      at(operator.inputs, input, `operators[${index}].inputs`);
      draft.replaceOperator(subgraph, index, { inputs: operator.inputs.with(input, tensor) });
    },
    redirect(subgraph, from, to, andOutputs = false) {
      const edited = editing(subgraph);
      edited.operators = edited.operators.map((operator) => operator && redirected(operator, from, to));
      for (const list of edited.insertions.values()) {
        list.forEach((item, i) => (list[i] = { ...item, operator: redirected(item.operator, from, to) }));
      }
      if (!andOutputs) return;
      const { outputs } = edited.fields;
      edited.fields = { ...edited.fields, outputs: outputs.map((tensor) => (tensor === from ? to : tensor)) };
      signatureDefs =
        signatureDefs?.map((signature) => {
          if (signature.subgraphIndex !== subgraph) return signature;
          const outputs = signature.outputs.map((item) =>
            item.tensorIndex === from ? Object.freeze({ ...item, tensorIndex: to }) : item,
          );
          return Object.freeze({ ...signature, outputs: Object.freeze(outputs) });
        }) ?? null;
    },
    insertOperator(subgraph, before, operator, owner = null) {
      const { insertions } = editing(subgraph);
      const list = insertions.get(before);
      const item = { operator: Object.freeze(operator), owner };
      if (list) list.push(item);
      else insertions.set(before, [item]);
    },
    removeOperator(subgraph, index) {
      const { operators } = editing(subgraph);
      at(operators, index, 'operators');
      operators[index] = null;
    },
    operatorCode(name, version = 1, custom = null) {
      const { codes, index } = withOperatorCode(operatorCodes, name, version, custom);
      operatorCodes = codes;
      return index;
    },
    replaceSubgraph(subgraph, changes) {
      const edited = editing(subgraph);
      edited.fields = { ...edited.fields, ...changes };
    },
    finish() {
      const done = subgraphs.map((subgraph) => finishSubgraph(subgraph));
      const result: Model = Object.freeze({
        ...model,
        operatorCodes: Object.freeze([...operatorCodes]),
        buffers: Object.freeze([...buffers]),
        subgraphs: Object.freeze(done.map((item) => item.subgraph)),
        signatureDefs: signatureDefs && Object.freeze([...signatureDefs]),
      });
      return { model: result, mapping: done.map((item) => item.mapping) };
    },
  };
  return draft;
}

function redirected(operator: Operator, from: number, to: number): Operator {
  if (!operator.inputs.includes(from)) return operator;
  return Object.freeze({
    ...operator,
    inputs: operator.inputs.map((tensor) => (tensor === from ? to : tensor)),
  });
}

function finishSubgraph(draft: SubgraphDraft): {
  subgraph: Subgraph;
  mapping: readonly (readonly number[])[];
} {
  const mapping: number[][] = draft.operators.map(() => []);
  if (!draft.edited) {
    mapping.forEach((list, index) => list.push(index));
    return { subgraph: draft.fields, mapping };
  }
  const operators: Operator[] = [];
  for (let index = 0; index <= draft.operators.length; index++) {
    for (const { operator, owner } of draft.insertions.get(index) ?? []) {
      if (owner !== null) mapping[owner]?.push(operators.length);
      operators.push(operator);
    }
    const operator = draft.operators[index];
    if (!operator) continue;
    mapping[index]!.push(operators.length);
    operators.push(operator);
  }
  const subgraph = Object.freeze({
    ...draft.fields,
    tensors: Object.freeze(draft.tensors),
    operators: Object.freeze(operators),
  });
  return { subgraph, mapping };
}

function at<T>(list: ArrayLike<T>, index: number, where: string): T {
  const item = list[index];
  if (item === undefined) {
    throw new ModelError(
      'broken-model',
      `${where}[${index}] is out of range: there are ${list.length}. Check the model for faults before changing it.`,
      { where: `${where}[${index}]` },
    );
  }
  return item;
}
