import { describe, expect, test } from 'vitest';
import { buildModel, type ModelPlan, type TensorPlan } from '../optimize/fixtures';
import { adviceOf, concatenation, onlyAdvice, optionsOf, statisticsOf } from './linting';

const shape = [1, 4];
const floats: TensorPlan = { shape };
const int8 = (scale: number, zeroPoint = 0): TensorPlan => ({ shape, type: 'INT8', scale, zeroPoint });

/** A detector's end: scores from LOGISTIC beside boxes in pixels. */
const detector: ModelPlan = {
  tensors: { boxes: floats, logits: floats, scores: floats, out: { shape: [1, 8] } },
  operators: [
    { kind: 'LOGISTIC', inputs: ['logits'], outputs: ['scores'] },
    { kind: 'CONCATENATION', inputs: ['boxes', 'scores'], outputs: ['out'], builtinOptions: concatenation },
  ],
  inputs: ['boxes', 'logits'],
  outputs: ['out'],
};

describe('concat-ranges', () => {
  test('scores beside values without bounds at the end of the model are a warning', () => {
    expect(onlyAdvice(detector, 'concat-ranges')).toMatchObject({
      severity: 'warning',
      operator: 1,
      where: 'subgraphs[0].operators[1]',
      count: 1,
      places: [1],
      message: expect.stringContaining('input 1 (LOGISTIC) lies within 0 to 1') as string,
    });
  });

  test('with samples it says how many steps are left', () => {
    const model = buildModel(detector);
    const seen = statisticsOf(model, { boxes: [0, 640], scores: [0, 1], logits: [-9, 9], out: [0, 640] });
    const { message, severity } = onlyAdvice(model, 'concat-ranges', seen);
    expect(severity).toBe('warning');
    expect(message).toContain('input 1 (LOGISTIC, 0 to 1) would share a scale that covers 0 to 640');
    expect(message).toContain('less than one step');
    const alike = statisticsOf(model, { boxes: [0, 1.5], scores: [0, 1], logits: [-9, 9] });
    expect(adviceOf(model, 'concat-ranges', alike)).toEqual([]);
  });

  test('arithmetic with constants is bounded: boxes that the file scales to pixels', () => {
    const scaled: ModelPlan = {
      ...detector,
      tensors: {
        ...detector.tensors,
        unit: floats,
        factor: { shape: [1], data: Float32Array.of(640) },
        moved: floats,
      },
      operators: [
        { kind: 'LOGISTIC', inputs: ['boxes'], outputs: ['unit'] },
        {
          kind: 'MUL',
          inputs: ['unit', 'factor'],
          outputs: ['moved'],
          builtinOptions: optionsOf('MulOptions'),
        },
        detector.operators[0]!,
        { ...detector.operators[1]!, inputs: ['moved', 'scores'] },
      ],
    };
    expect(onlyAdvice(scaled, 'concat-ranges').message).toContain('covers 0 to 640');
  });

  test('a quantized file tells by the scales before the conversion', () => {
    const quantized: ModelPlan = {
      tensors: {
        boxes: int8(2.5, -128),
        scores: int8(1 / 256, -128),
        converted: int8(2.5, -128),
        out: { ...int8(2.5, -128), shape: [1, 8] },
      },
      operators: [
        { kind: 'QUANTIZE', inputs: ['scores'], outputs: ['converted'] },
        {
          kind: 'CONCATENATION',
          inputs: ['boxes', 'converted'],
          outputs: ['out'],
          builtinOptions: concatenation,
          version: 2,
        },
      ],
      inputs: ['boxes', 'scores'],
      outputs: ['out'],
    };
    const { message, operator } = onlyAdvice(quantized, 'concat-ranges');
    expect(operator).toBe(1);
    expect(message).toContain(
      'input 1 (an input of the model, 0 to 0.996) shares a scale that covers 0 to 638',
    );
    expect(message).toContain('of 8 bits it loses 8');
  });

  test('constants and equal ranges are no matter', () => {
    const clamp: ModelPlan = {
      tensors: { x: floats, top: { shape: [1], data: Float32Array.of(1) }, out: floats },
      operators: [{ kind: 'MINIMUM', inputs: ['x', 'top'], outputs: ['out'] }],
      inputs: ['x'],
      outputs: ['out'],
    };
    expect(adviceOf(clamp, 'concat-ranges')).toEqual([]);
  });
});

describe('activation-outliers', () => {
  const relu: ModelPlan = {
    tensors: { x: floats, out: floats },
    operators: [{ kind: 'RELU', inputs: ['x'], outputs: ['out'] }],
    inputs: ['x'],
    outputs: ['out'],
  };

  test('a range that a few values in 100,000 make', () => {
    const model = buildModel(relu);
    const values = Float32Array.from({ length: 100_000 }, (_, i) => (i % 1000) / 1000);
    const calm = statisticsOf(model, { x: values, out: values });
    expect(adviceOf(model, 'activation-outliers', calm)).toEqual([]);
    values[7] = 50;
    const { message, severity, places } = onlyAdvice(
      model,
      'activation-outliers',
      statisticsOf(model, { out: values }),
    );
    expect(severity).toBe('warning');
    expect(places).toEqual([0]);
    expect(message).toMatch(/the output of operator 0 \(RELU\): 0 to 50, .* within 0 to 1.* 5 of 255 steps/);
  });

  test('says nothing without samples', () => {
    expect(adviceOf(relu, 'activation-outliers')).toEqual([]);
  });
});
