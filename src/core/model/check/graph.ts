/** Faults of the graph: indexes of operators, order of reading and writing, calls between subgraphs. */
import { builtinOperatorOf } from '../operators';
import { isConstant } from '../tensors';
import type { Model, Operator, Subgraph } from '../types';
import type { Findings } from './findings';

/** Checks the operators of a subgraph and who writes what when. */
export function checkGraph(model: Model, subgraph: Subgraph, where: string, findings: Findings): void {
  const { tensors, operators } = subgraph;
  checkIndexes(subgraph.inputs, tensors.length, `${where}.inputs`, findings);
  checkIndexes(subgraph.outputs, tensors.length, `${where}.outputs`, findings);

  // Who gives a tensor its values: an operator's index, or one of these.
  const nobody = -1;
  const file = -2;
  const caller = -3;
  const writer = new Int32Array(tensors.length).fill(nobody);
  tensors.forEach((tensor, i) => {
    if (tensor.isVariable || isConstant(model, tensor) || tensor.shape?.includes(0)) writer[i] = file;
  });
  for (const input of subgraph.inputs) if (input >= 0 && input < writer.length) writer[input] = caller;
  const laterWriter = new Set<number>();
  for (const operator of operators) for (const output of operator.outputs) laterWriter.add(output);

  operators.forEach((operator, i) => {
    const place = `${where}.operators[${i}]`;
    checkOperator(model, subgraph, operator, place, findings);
    operator.inputs.forEach((tensor, j) => {
      if (writer[tensor] !== nobody) return;
      findings.error(
        `${place}.inputs[${j}]`,
        laterWriter.has(tensor)
          ? `It reads tensor ${tensor} before an operator writes it: the graph has a cycle or is out of order.`
          : `It reads tensor ${tensor}, which nothing writes.`,
      );
      // Said once for each tensor.
      writer[tensor] = file;
    });
    operator.outputs.forEach((tensor, j) => {
      const before = writer[tensor];
      if (before === undefined) return;
      if (before === caller) {
        findings.error(
          `${place}.outputs[${j}]`,
          `It writes tensor ${tensor}, which is an input of the graph.`,
        );
      } else if (before >= 0) {
        findings.error(
          `${place}.outputs[${j}]`,
          `It writes tensor ${tensor}, which operator ${before} writes too.`,
        );
      } else if (tensors[tensor]?.isVariable === false && isConstant(model, tensors[tensor])) {
        findings.error(`${place}.outputs[${j}]`, `It writes tensor ${tensor}, which is a constant.`);
      }
      writer[tensor] = i;
    });
  });
  subgraph.outputs.forEach((tensor, i) => {
    if (writer[tensor] === nobody) {
      findings.error(`${where}.outputs[${i}]`, `Tensor ${tensor} is an output, but nothing writes it.`);
    }
  });
}

function checkOperator(
  model: Model,
  { tensors }: Subgraph,
  operator: Operator,
  where: string,
  findings: Findings,
): void {
  const codes = model.operatorCodes;
  if (findings.index(operator.opcodeIndex, codes.length, `${where}.opcodeIndex`, 'operator code')) {
    const isCustom = builtinOperatorOf(codes[operator.opcodeIndex]!) === 'CUSTOM';
    if (!isCustom && operator.customOptions?.length === 0) {
      findings.warn(`${where}.customOptions`, 'They are empty instead of absent, which LiteRT refuses.');
    }
  }
  checkIndexes(operator.inputs, tensors.length, `${where}.inputs`, findings);
  checkIndexes(operator.outputs, tensors.length, `${where}.outputs`, findings);
  checkIndexes(operator.intermediates ?? [], tensors.length, `${where}.intermediates`, findings);
  for (const called of calledSubgraphs(operator)) {
    findings.index(called, model.subgraphs.length, where, 'subgraph', -1);
  }
}

function checkIndexes(indexes: ArrayLike<number>, count: number, where: string, findings: Findings): void {
  for (let i = 0; i < indexes.length; i++) findings.index(indexes[i]!, count, `${where}[${i}]`, 'tensor', -1);
}

/** Subgraphs that an operator runs (bodies of loops, branches, composites), as its options name them. */
export function calledSubgraphs(operator: Operator): number[] {
  const called: number[] = [];
  for (const options of [operator.builtinOptions, operator.builtinOptions2]) {
    if (options === null) continue;
    for (const [key, value] of Object.entries(options.value)) {
      if (!isSubgraphField(key)) continue;
      if (typeof value === 'number') called.push(value);
      else if (value instanceof Int32Array) called.push(...value);
    }
  }
  return called;
}

function isSubgraphField(key: string): boolean {
  return key === 'subgraph' || key === 'calledComputations' || /SubgraphInd(ex|ices)$/.test(key);
}

/** Subgraphs that run each other in a circle would never end. */
export function checkCalls(model: Model, findings: Findings): void {
  const calls = model.subgraphs.map((subgraph) => subgraph.operators.flatMap(calledSubgraphs));
  const state = new Uint8Array(calls.length); // 0 not seen, 1 on the path, 2 done
  for (let start = 0; start < calls.length; start++) {
    if (state[start] !== 0) continue;
    state[start] = 1;
    const path = [{ subgraph: start, next: 0 }];
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const called = calls[top.subgraph]![top.next++];
      if (called === undefined) {
        state[top.subgraph] = 2;
        path.pop();
      } else if (state[called] === 1) {
        findings.error(
          `subgraphs[${top.subgraph}]`,
          `It runs subgraph ${called}, which runs it again: a circle.`,
        );
      } else if (state[called] === 0) {
        state[called] = 1;
        path.push({ subgraph: called, next: 0 });
      }
    }
  }
}
