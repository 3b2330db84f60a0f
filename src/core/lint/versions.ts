/** Operator versions lower than what the operator's types ask for. */
import { operatorVersion } from '../model/operators';
import { scaleInfo } from '../model/tensors';
import { operandAt, type OperatorView, specOf } from '../ops';
import { integerVersion } from '../optimize/quantize/integer/versions';
import type { Graph } from '../optimize/quantize/integer/graph';
import { isQuantized } from './quantized';
import type { LintRule } from './types';
import { counted, kindOf } from './words';

/** Versions from before a type was supported. */
export const versionTooLowRule: LintRule = {
  name: 'version-too-low',
  title: 'Operator versions too low',
  explanation:
    'The version of an operator tells readers which number types to expect; LiteRT runs a lower one all the same, microcontroller and accelerator tools may refuse it.',
  look({ graph }) {
    const hits = graph.views.flatMap((view, index) => {
      const wanted = wantedVersion(graph, view);
      const has = operatorVersion(graph.model, view.operator);
      return wanted !== null && has < wanted ? [{ index, has, wanted }] : [];
    });
    if (hits.length === 0) return [];
    const kinds = new Map<string, string>();
    for (const { index, has, wanted } of hits) {
      const kind = kindOf(graph, index);
      kinds.set(`${kind} ${has} ${wanted}`, `${kind} (${has} instead of ${wanted})`);
    }
    return [
      {
        severity: 'hint',
        message: `${counted(hits.length, 'operator', 'has', 'have')} a version from before integers of this type were supported: ${[...kinds.values()].join(', ')}.`,
        advice:
          'LiteRT runs them all the same. Tools for microcontrollers and accelerators go by the version and may refuse the model: quantize with a tool that raises versions, as the recipe int8 does.',
        operators: hits.map(({ index }) => index),
      },
    ];
  },
};

/** The version that goes with the integer types of an operator; null where it computes with none. */
function wantedVersion(graph: Graph, view: OperatorView): number | null {
  const { kind, operator, inputs, outputs } = view;
  const data = inputs.find(
    (tensor, i) => tensor !== null && operandAt(view, i).role === 'activation' && isQuantized(tensor),
  );
  const dtype = data?.type;
  if (!data || (dtype !== 'INT8' && dtype !== 'INT16') || specOf(kind)?.versions[dtype] === undefined)
    return null;
  const output = outputs[0];
  // The kernels for scales that are powers of two are older.
  if (dtype === 'INT16' && operator.builtinOptions && 'potScaleInt16' in operator.builtinOptions.value) {
    if (operator.builtinOptions.value.potScaleInt16) return 2;
  }
  if (kind !== 'DEQUANTIZE' && output?.type === 'FLOAT32') return null;
  const weight = inputs.find((_, i) => operandAt(view, i).role === 'weight');
  const [a, b] = inputs.map((tensor) => (tensor ? (scaleInfo(tensor)?.scale[0] ?? null) : null));
  const out = output ? (scaleInfo(output)?.scale[0] ?? null) : null;
  return integerVersion(graph.model, view, {
    dtype,
    weightBits: weight?.type === 'INT4' ? 4 : 8,
    hasBias: operator.inputs.some((tensor, i) => tensor >= 0 && operandAt(view, i).role === 'bias'),
    productRatio: kind === 'MUL' && a && b && out ? (a * b) / out : null,
  });
}
