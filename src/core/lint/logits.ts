/** Classifiers that give logits. */
import { elementCount, shapeOf } from '../model/tensors';
import { specOf } from '../ops';
import type { Graph } from '../optimize/quantize/integer/graph';
import { formatCount } from '../format';
import { fusedActivation } from './ranges';
import type { LintRule } from './types';
import { operatorWords } from './words';

const LINEAR: ReadonlySet<string> = new Set(['FULLY_CONNECTED', 'CONV_2D']);

/** A single output shaped [batch, classes] that ends without softmax. */
export const noSoftmaxRule: LintRule = {
  name: 'no-softmax',
  title: 'Scores without softmax',
  explanation:
    'An output of class scores that ends without SOFTMAX or LOGISTIC holds logits: they rank the classes, but are no probabilities and have no fixed range.',
  look({ graph }) {
    const { subgraph, model, index } = graph;
    const isEntry = index === 0 || model.signatureDefs?.some(({ subgraphIndex }) => subgraphIndex === index);
    const output = subgraph.outputs[0] ?? -1;
    const tensor = subgraph.tensors[output];
    if (!isEntry || subgraph.outputs.length !== 1 || !tensor) return [];
    const shape = shapeOf(tensor);
    const classes = shape.at(-1) ?? 0;
    if (shape.length !== 2 || classes < 2 || shape[0] !== 1) return [];
    // What gives back as many values as it takes is an autoencoder or a filter, no classifier.
    if (Array.from(subgraph.inputs).some((input) => isAsLarge(graph, input, elementCount(tensor)))) return [];
    const last = lastComputation(graph, output);
    if (last === null) return [];
    return [
      {
        severity: 'hint',
        message: `The output [${shape.join(', ')}] comes from ${operatorWords(graph, last)} without SOFTMAX or LOGISTIC. If these are scores of ${formatCount(classes)} classes, they are logits.`,
        advice:
          'The order of the classes is right. For probabilities, and thresholds on them, apply softmax to the (dequantized) output in the application, or end the model with SOFTMAX.',
        operators: [last],
      },
    ];
  },
};

function isAsLarge(graph: Graph, tensor: number, elements: number): boolean {
  const item = graph.subgraph.tensors[tensor];
  return item !== undefined && elementCount(item) === elements;
}

/** The linear operator, without activation, whose values are the output; null where it is something else. */
function lastComputation(graph: Graph, output: number): number | null {
  let tensor = output;
  for (let step = 0; step < 16; step++) {
    const writer = graph.writer[tensor] ?? -1;
    if (writer < 0) return null;
    const { kind, operator } = graph.views[writer]!;
    if (LINEAR.has(kind)) {
      return fusedActivation(operator.builtinOptions?.value) === 'NONE' ? writer : null;
    }
    const isMover =
      kind === 'QUANTIZE' || kind === 'DEQUANTIZE' || specOf(kind)?.quantization.kind === 'same-scale';
    if (!isMover || operator.inputs.length === 0) return null;
    tensor = operator.inputs[0]!;
  }
  return null;
}
