import { ModelError } from '../errors';
import { plural } from '../format';
import { byteLength, elementCount, isConstant } from '../model/tensors';
import type { Model, Subgraph, Tensor } from '../model/types';
import { describeOperator, findFormats } from './describe';
import { findFoldings, isHidden, type Folding } from './fold';
import { edgeText } from './labels';
import { faultNotices } from './notices';
import { signatureNames } from './signatures';
import type { HiddenTensors, ViewGraph, ViewGraphOptions, ViewNode } from './types';

/**
 * The picture of one subgraph: its inputs, operators and outputs as nodes, its activations as edges, constants as
 * rows of the operators that read them. Faults in the model (indexes out of range, tensors that nothing writes)
 * leave out what they concern and are named in `notices`. Throws `ModelError` when there is no such subgraph.
 */
export function buildViewGraph(
  model: Model,
  subgraphIndex: number,
  options: ViewGraphOptions = { folded: true },
): ViewGraph {
  const subgraph = model.subgraphs[subgraphIndex];
  if (!subgraph) {
    throw new ModelError(
      'broken-model',
      `The model has ${model.subgraphs.length} subgraphs, there is no number ${subgraphIndex} to draw. Choose another.`,
      { where: `subgraphs[${subgraphIndex}]` },
    );
  }
  const folding = findFoldings(model, subgraph, options.folded);
  const writers = findWriters(subgraph);
  const names = signatureNames(model, subgraphIndex);
  const nodes: ViewNode[] = [];
  const inputNode = new Map<number, number>();
  subgraph.inputs.forEach((t, position) => {
    if (!inputNode.has(t)) inputNode.set(t, nodes.length);
    nodes.push(pill('input', position, t, subgraph, names.inputs.get(t)));
  });
  const nodeOfOperator = addOperators(model, subgraphIndex, folding, writers, nodes);
  const firstOutput = nodes.length;
  subgraph.outputs.forEach((t, position) =>
    nodes.push(pill('output', position, t, subgraph, names.outputs.get(t))),
  );

  const ports = borderPorts(subgraph, folding);
  const links = new Links(model, subgraph, (t) => {
    const writer = writers.operator[t]!;
    if (writer >= 0) return { node: nodeOfOperator[writer]!, port: ports.get(writer) ?? writers.port[t]! };
    const node = inputNode.get(t);
    return node === undefined ? null : { node, port: 0 };
  });
  subgraph.operators.forEach((operator, i) => {
    if (isHidden(folding, i)) return;
    const node = nodeOfOperator[i]!;
    // A tensor outside the list stays what it is, to be counted.
    const read: number[] = [];
    for (const input of operator.inputs) {
      const t = folding.borders.travels[input] ?? input;
      const isRow = folding.sourceOf[t] !== undefined && folding.sourceOf[t] !== t;
      if (isRow || read.includes(t)) continue;
      read.push(t);
      links.add(t, node);
    }
    for (const t of operator.outputs) if (t >= subgraph.tensors.length || t < 0) links.outOfRange++;
  });
  subgraph.outputs.forEach((t, position) => links.add(t, firstOutput + position));
  return {
    subgraph: subgraphIndex,
    nodes,
    nodeOfOperator,
    edgeFrom: Int32Array.from(links.from),
    edgeTo: Int32Array.from(links.to),
    edgeTensor: Int32Array.from(links.tensor),
    edgePort: Int32Array.from(links.port),
    edgeLabel: links.label,
    hidden: findHidden(subgraph, nodes, links.tensor),
    tensorBytes: Float64Array.from(
      subgraph.tensors,
      (tensor) => byteLength(tensor.type, Math.max(0, elementCount(tensor))) ?? 0,
    ),
    notices: [
      ...links.notices(),
      ...(writers.repeated > 0 ? [repeatedNotice(writers.repeated)] : []),
      ...faultNotices(model, subgraph, writers.operator, new Set(links.tensor)),
    ],
  };
}

/** Port of each operator that is shown at its producer's outputs: behind the producer's own. */
function borderPorts(subgraph: Subgraph, { borders }: Folding): Map<number, number> {
  const ports = new Map<number, number>();
  for (const [host, served] of borders.servedBy) {
    served.forEach((border, k) => ports.set(border, subgraph.operators[host]!.outputs.length + k));
  }
  return ports;
}

/** The operator and output slot that writes each tensor (-1: none); of several the first counts. */
function findWriters(subgraph: Subgraph) {
  const operator = new Int32Array(subgraph.tensors.length).fill(-1);
  const port = new Int32Array(subgraph.tensors.length);
  let repeated = 0;
  subgraph.operators.forEach(({ outputs }, i) => {
    outputs.forEach((t, slot) => {
      if (t < 0 || t >= operator.length) return;
      if (operator[t] === -1) {
        operator[t] = i;
        port[t] = slot;
      } else repeated++;
    });
  });
  return { operator, port, repeated };
}

function repeatedNotice(count: number): string {
  const words = plural(
    count,
    'result overwrites a tensor that another operator has',
    'results overwrite tensors that other operators have',
  );
  return `${words} written; only the first is linked.`;
}

/** An input or output, called as a signature calls it where one does. */
function pill(
  kind: 'input' | 'output',
  position: number,
  t: number,
  subgraph: Subgraph,
  signatureName = '',
): ViewNode {
  const name = subgraph.tensors[t]?.name ?? '';
  return {
    kind,
    index: position,
    title: signatureName || name || `${kind} ${position}`,
    name,
    category: 'other',
    activation: null,
    rows: [],
    cost: null,
    folded: [],
    tensor: subgraph.tensors[t] ? t : null,
    macs: 0,
    sizeBytes: 0,
    bodies: [],
  };
}

/** Adds a node for each operator that is not folded. Returns the node that shows each operator. */
function addOperators(
  model: Model,
  subgraphIndex: number,
  folding: Folding,
  writers: ReturnType<typeof findWriters>,
  nodes: ViewNode[],
): Int32Array {
  const subgraph = model.subgraphs[subgraphIndex]!;
  const isWritten = Uint8Array.from(writers.operator, (writer) => (writer >= 0 ? 1 : 0));
  const nodeOfOperator = new Int32Array(subgraph.operators.length).fill(-1);
  const countedBuffers = new Set<number>();
  const formats = findFormats(model, subgraph, (i) => isHidden(folding, i));
  subgraph.operators.forEach((operator, i) => {
    if (isHidden(folding, i)) return;
    const folded: number[] = [];
    for (const t of operator.inputs) collectFolded(subgraph, folding, writers.operator, t, folded);
    folded.push(...(folding.borders.servedBy.get(i) ?? []));
    for (const f of folded) if (nodeOfOperator[f] === -1) nodeOfOperator[f] = nodes.length;
    nodeOfOperator[i] = nodes.length;
    const card = describeOperator(model, subgraphIndex, i, folding, isWritten, formats[i]!);
    let sizeBytes = 0;
    for (const { tensor } of card.rows) {
      const buffer = subgraph.tensors[tensor]!.buffer;
      if (countedBuffers.has(buffer)) continue;
      countedBuffers.add(buffer);
      sizeBytes += model.buffers[buffer]?.data?.length ?? 0;
    }
    const output = operator.outputs[0];
    const tensor: Tensor | undefined = output === undefined ? undefined : subgraph.tensors[output];
    nodes.push({
      kind: 'operator',
      index: i,
      name: tensor?.name ?? '',
      tensor: tensor && output !== undefined ? output : null,
      folded,
      sizeBytes,
      ...card,
    });
  });
  return nodeOfOperator;
}

/** Adds the folded operators that lead from a constant to tensor t, nearest first, or the border shown at its readers. */
function collectFolded(
  subgraph: Subgraph,
  folding: Folding,
  writer: Int32Array,
  t: number,
  folded: number[],
): void {
  const border = folding.borders.readBy.get(t);
  if (border !== undefined && !folded.includes(border)) folded.push(border);
  let operator = writer[t] ?? -1;
  while (operator >= 0 && folding.isFolded[operator] && !folded.includes(operator)) {
    folded.push(operator);
    operator = writer[subgraph.operators[operator]!.inputs[0]!] ?? -1;
  }
}

/**
 * Tensors that operators make or read, with those that hold their scales, where no node or row stands for them and no
 * edge (`drawn`) carries them.
 */
function findHidden(subgraph: Subgraph, nodes: readonly ViewNode[], drawn: readonly number[]): HiddenTensors {
  const isShown = new Uint8Array(subgraph.tensors.length);
  for (const t of drawn) isShown[t] = 1;
  for (const { kind, tensor, rows } of nodes) {
    if (kind !== 'operator' && tensor !== null) isShown[tensor] = 1;
    for (const row of rows) isShown[row.tensor] = 1;
  }
  const [tensors, hosts]: [number[], number[]] = [[], []];
  const lastHost = new Int32Array(subgraph.tensors.length).fill(-1);
  const add = (t: number, v: number): void => {
    // Not zero outside the list of tensors either.
    if (isShown[t] !== 0 || lastHost[t] === v) return;
    lastHost[t] = v;
    tensors.push(t);
    hosts.push(v);
  };
  nodes.forEach(({ kind, index, folded }, v) => {
    if (kind !== 'operator') return;
    for (const operator of [index, ...folded]) {
      const { inputs, outputs, intermediates } = subgraph.operators[operator]!;
      for (const operands of [inputs, outputs, intermediates ?? []]) {
        for (const t of operands) {
          add(t, v);
          const details = subgraph.tensors[t]?.quantization?.details?.value;
          if (!details || !('scales' in details)) continue;
          add(details.scales, v);
          // 0 is what writers leave that have none.
          if (details.zeroPoints > 0) add(details.zeroPoints, v);
        }
      }
    }
  });
  return { tensors: Int32Array.from(tensors), nodes: Int32Array.from(hosts) };
}

/** Collects the edges and what could not be drawn. */
class Links {
  readonly from: number[] = [];
  readonly to: number[] = [];
  readonly tensor: number[] = [];
  readonly port: number[] = [];
  readonly label: string[] = [];
  outOfRange = 0;
  #unwritten = 0;
  readonly #labels = new Map<number, string>();
  readonly #model: Model;
  readonly #subgraph: Subgraph;
  readonly #source: (t: number) => { node: number; port: number } | null;

  constructor(
    model: Model,
    subgraph: Subgraph,
    source: (t: number) => { node: number; port: number } | null,
  ) {
    this.#model = model;
    this.#subgraph = subgraph;
    this.#source = source;
  }

  /** Links the writer of tensor t to a node; -1 is an operand left out, constants are rows. */
  add(t: number, node: number): void {
    if (t === -1) return;
    const tensor = this.#subgraph.tensors[t];
    if (!tensor) {
      this.outOfRange++;
      return;
    }
    const source = this.#source(t);
    if (!source) {
      // A tensor of no elements has no bytes to tell that it is a constant.
      const isEmpty = elementCount(tensor) === 0;
      if (!isEmpty && !isConstant(this.#model, tensor) && !tensor.isVariable) this.#unwritten++;
      return;
    }
    let label = this.#labels.get(t);
    if (label === undefined) this.#labels.set(t, (label = edgeText(this.#model, tensor)));
    this.from.push(source.node);
    this.to.push(node);
    this.tensor.push(t);
    this.port.push(source.port);
    this.label.push(label);
  }

  notices(): string[] {
    const notices: string[] = [];
    if (this.outOfRange > 0) {
      notices.push(
        `${plural(this.outOfRange, 'operand points', 'operands point')} outside the list of tensors and ${this.outOfRange === 1 ? 'is' : 'are'} left out.`,
      );
    }
    if (this.#unwritten > 0) {
      notices.push(
        `${plural(this.#unwritten, 'operand is', 'operands are')} read but never written; ${this.#unwritten === 1 ? 'it has' : 'they have'} no edge.`,
      );
    }
    return notices;
  }
}
