/** Operators that stay float when a model is quantized. */
import { customCode } from '../model/operators';
import { presetOptions } from '../optimize/options';
import { passes } from '../optimize/passes';
import { type Decision, decide } from '../optimize/quantize/integer/decide';
import type { Graph } from '../optimize/quantize/integer/graph';
import { operatorSettings } from '../optimize/quantize/integer/settings';
import { count, plural } from '../format';
import type { LintRule, Subject } from './types';
import { counted, kindWords } from './words';

const none = new Float32Array(0);

/**
 * What the integer pass would decide about each operator with its preset options, but for weights that are not finite: the
 * values of weights are not read here.
 */
export function decisionsOf({ graph }: Subject): Decision[] {
  const settings = operatorSettings(presetOptions(passes.integer!));
  const light: Graph = { ...graph, constantValues: () => none };
  return graph.views.map((_, operator) => decide(light, operator, settings));
}

/** Operators of a float model that stay float. */
export const unsupportedInt8Rule: LintRule = {
  name: 'unsupported-int8',
  title: 'Operators without int8 form',
  explanation:
    'Operators that cannot compute with 8-bit integers stay float between DEQUANTIZE and QUANTIZE when the model is quantized.',
  look(subject) {
    if (subject.isQuantized) return [];
    const { graph } = subject;
    const byReason = new Map<string, number[]>();
    const decisions = decisionsOf(subject);
    decisions.forEach(({ reason }, operator) => {
      if (reason === '') return;
      const key = reasonOf(graph, operator, reason);
      const list = byReason.get(key);
      if (list) list.push(operator);
      else byReason.set(key, [operator]);
    });
    const able = decisions.filter(({ dtype }) => dtype !== null).length;
    const rest =
      able === 0
        ? 'No operator of this subgraph can be quantized to int8.'
        : `${counted(able, 'operator', 'becomes', 'become')} integer, with QUANTIZE and DEQUANTIZE at the borders.`;
    return [...byReason].map(([reason, operators]) => ({
      severity: 'hint',
      message: `${kindWords(graph, operators)}: ${reason}. ${count(operators.length)} of ${plural(graph.views.length, 'operator')} ${operators.length === 1 ? 'stays' : 'stay'} float.`,
      advice: `${rest} Devices without floats need other operators in place of these.`,
      operators,
    }));
  },
};

/** Reasons that speak of one kind alone are brought to one form, so that all kinds share a remark. */
function reasonOf(graph: Graph, operator: number, reason: string): string {
  if (customCode(graph.model, graph.subgraph.operators[operator]!) !== null) {
    return 'custom operators, whose number formats only their authors know';
  }
  if (/^\S+ has no int8 kernel$/.test(reason)) return 'no int8 kernel';
  return reason.replace(/^[A-Z0-9_]+ /, '');
}
