/** Files with thousands of operators, wired as the graphs of the benchmark are. */
import { writeModel } from '../../src/core/model/write';
import type { Links } from '../bench/graph-models';
import { buildModel, type OperatorPlan, type TensorPlan } from '../unit/optimize/fixtures';

const shape = [1, 8, 8, 4];

/** A `.tflite` whose operators read each other by the links: RELU of one, ADD of two, ADD_N of more values. */
export function largeModel({ count, from, to }: Links, nested = false): Uint8Array<ArrayBuffer> {
  const inputs: string[][] = Array.from({ length: count }, () => []);
  const name = (node: number) =>
    nested ? `stage_${Math.floor(node / 400)}/block_${Math.floor(node / 20)}/op_${node}` : `op_${node}`;
  const isRead = new Set(from);
  from.forEach((source, i) => inputs[to[i]!]!.push(name(source)));
  const tensors: Record<string, TensorPlan> = { x: { shape } };
  const operators = inputs.map((names, node): OperatorPlan => {
    tensors[name(node)] = { shape };
    const read = names.length === 0 ? ['x'] : names;
    const kind = read.length === 1 ? 'RELU' : read.length === 2 ? 'ADD' : 'ADD_N';
    return { kind, inputs: read, outputs: [name(node)] };
  });
  const outputs = inputs.flatMap((_, node) => (isRead.has(node) ? [] : [name(node)]));
  return writeModel(buildModel({ tensors, operators, inputs: ['x'], outputs }));
}
