/** What lint says about real models. */
import { describe, expect, test } from 'vitest';
import { ModelError } from '../../src/core/errors';
import { lintModel } from '../../src/core/lint/lint';
import { lintRules } from '../../src/core/lint/rules';
import type { Advice } from '../../src/core/lint/types';
import { openModel } from '../../src/core/model/open';
import type { Model } from '../../src/core/model/types';
import { corpusIds, corpusModel, corpusTitle, hasCorpus } from '../support/corpus';

function open(id: string): Model | null {
  try {
    return openModel(corpusModel(id)).model;
  } catch (error) {
    if (error instanceof ModelError) return null;
    throw error;
  }
}

function adviceOf(id: string, rule: string): Advice {
  const [advice] = lintModel(open(id)!, null).filter((one) => one.rule === rule);
  if (!advice) throw new Error(`${rule} has nothing to say about ${id}`);
  return { ...advice, message: advice.message.replaceAll('\u00a0', ' ') };
}

describe.skipIf(!hasCorpus)(corpusTitle, () => {
  test('every model that opens gets advice that is sound and short', () => {
    const names = new Set(lintRules.map(({ name }) => name));
    for (const id of corpusIds()) {
      const model = open(id);
      if (!model) continue;
      const list = lintModel(model, null);
      expect(list.length, id).toBeLessThanOrEqual(12);
      for (const { rule, message, advice, subgraph, operator, tensor, places, count, where } of list) {
        const { operators, tensors } = model.subgraphs[subgraph]!;
        expect(names, id).toContain(rule);
        expect(message, id).not.toMatch(/undefined|NaN|null|Infinity|\$\{|1 operators/);
        expect(message.length, `${id}: ${message}`).toBeLessThan(420);
        expect(advice, id).toMatch(/\.$/);
        expect(count, id).toBeGreaterThanOrEqual(Math.max(1, places.length));
        expect(operator, id).toBe(places[0] ?? null);
        for (const place of places) expect(operators[place], `${id} ${where}`).toBeDefined();
        if (tensor !== null) expect(tensors[tensor], `${id} ${where}`).toBeDefined();
      }
    }
  });

  test('vww_96: 971 output channels of pointwise convolutions have weights below 5e-7', () => {
    for (const id of ['vww_96_float', 'vww_96_int8']) {
      const { message, severity, count } = adviceOf(id, 'dead-channels');
      expect(message).toMatch(/^971 output channels in 9 layers/);
      expect(message).toContain('73.3 % of the weights');
      expect({ severity, count }).toEqual({ severity: 'warning', count: 9 });
    }
  });

  test('vww_96_int8: the converter widened the weight scales of these channels for their biases', () => {
    const { message, severity, count } = adviceOf('vww_96_int8', 'bias-overflow');
    expect(message).toMatch(/^971 bias values take up half of 32 bits, in 9 layers/);
    expect({ severity, count }).toEqual({ severity: 'hint', count: 9 });
  });

  test('conv_fc_mnist_srq_a8w8: written by a tool that does not raise versions', () => {
    const { message, count } = adviceOf('conv_fc_mnist_srq_a8w8', 'version-too-low');
    expect(message).toContain('CONV_2D (1 instead of 3)');
    expect(count).toBe(5);
  });

  test('animeganv2: float islands in its normalizations, and an epsilon that no scale holds', () => {
    const id = 'animeganv2_hayao_256x256_integer_quant';
    expect(adviceOf(id, 'float-islands').message).toContain(
      'SQUARED_DIFFERENCE (24 times), RSQRT (24 times)',
    );
    expect(adviceOf(id, 'scale-limits')).toMatchObject({ severity: 'warning', count: 24 });
  });

  test('officially converted models raise no warning about scales or versions', () => {
    const strict = new Set(['fixed-output', 'same-scale', 'bias-scale', 'version-too-low', 'scale-limits']);
    for (const id of ['vww_96_int8', 'kws_ref_model', 'face_detection_front_128_full_integer_quant']) {
      const found = lintModel(open(id)!, null).filter(({ rule }) => strict.has(rule));
      expect(
        found.map(({ message }) => message),
        id,
      ).toEqual([]);
    }
  });
});
