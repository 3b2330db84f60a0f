/** Shape inference and MACs against what real files say. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ModelError } from '../../src/core/errors';
import { mainMacs } from '../../src/core/measure/cost';
import { constantFigures } from '../../src/core/measure/size';
import { readModel } from '../../src/core/model/read';
import type { Model } from '../../src/core/model/types';
import { inferShapes, operandAt, specOf, viewSubgraph } from '../../src/core/ops';

const models = join(process.env.WHITTLE_CORPUS ?? '../shared/corpus', 'models');
const isHere = existsSync(models);
const title = isHere ? 'the corpus' : `the corpus (skipped: no ${models}; set WHITTLE_CORPUS)`;

/** Files whose stored shape is wrong, with what is wrong. */
const wrongFiles: Readonly<Record<string, string>> = {
  'svdf_quantized.tflite': 'SVDF of rank 1 with six filters says that it gives four units; six is right',
};

function load(name: string): Model {
  return readModel(new Uint8Array(readFileSync(join(models, name)))).model;
}

/** Every model that can be read; others have tests of their own. */
function readable(): [string, Model][] {
  return readdirSync(models)
    .filter((name) => name.endsWith('.tflite'))
    .flatMap((name) => {
      try {
        return [[name, load(name)] as [string, Model]];
      } catch (error) {
        if (error instanceof ModelError) return [];
        throw error;
      }
    });
}

/** Unknown sizes fit anything; a known batch of one fits a file that leaves the batch open, and the other way. */
const fits = (inferred: readonly number[], stored: readonly number[]) =>
  inferred.length === stored.length &&
  inferred.every((size, i) => size === stored[i] || size < 0 || stored[i]! < 0);

describe.skipIf(!isHere)(title, () => {
  it('stores the shapes that the table infers, for over 4,300 outputs', () => {
    const wrong: string[] = [];
    const kinds = new Set<string>();
    let checked = 0;
    for (const [name, model] of readable()) {
      model.subgraphs.forEach((_, subgraph) => {
        viewSubgraph(model, subgraph).forEach((view, operator) => {
          inferShapes(view).forEach((inferred, output) => {
            const tensor = view.outputs[output]!;
            // No shape and no claim to a rank: the file does not know.
            const isUnknown = (tensor.shape ?? []).length === 0 && !tensor.hasRank && inferred?.length !== 0;
            if (inferred === null || isUnknown) return;
            checked++;
            kinds.add(view.kind);
            const stored = view.outputShapes[output]!;
            if (fits(inferred, stored) || name in wrongFiles) return;
            wrong.push(
              `${name} ${subgraph}:${operator} ${view.kind}: ${inferred.join('×')}, not ${stored.join('×')}`,
            );
          });
        });
      });
    }
    expect(wrong).toEqual([]);
    expect(checked).toBeGreaterThan(4300);
    expect(kinds.size).toBeGreaterThanOrEqual(70);
  });

  it('feeds no operator a type that the table does not list', () => {
    const missing = new Set<string>();
    for (const [, model] of readable()) {
      for (const view of model.subgraphs.flatMap((_, subgraph) => viewSubgraph(model, subgraph))) {
        const spec = specOf(view.kind);
        const isForeign = spec === null || Object.keys(spec.versions).length === 0;
        const fed = view.inputs.find((tensor, i) => tensor && operandAt(view, i).role === 'activation');
        if (!isForeign && fed && !(fed.type in spec.versions)) missing.add(`${view.kind} ${fed.type}`);
      }
    }
    // The kernels for microcontrollers alone quantize from INT32.
    expect([...missing]).toEqual(['QUANTIZE INT32']);
  });

  it('lists no wrong file in vain', () => {
    for (const name of Object.keys(wrongFiles)) {
      const view = viewSubgraph(load(name), 0)[0]!;
      expect(fits(inferShapes(view)[0]!, view.outputShapes[0]!), name).toBe(false);
    }
  });

  // MobileNet by hand: sum over its 28 layers of output elements times window; published as 14 M for 0.25_128.
  it.each([
    ['mobilenet_v1_0.25_128.tflite', mobilenetMacs(128, 0.25, 1001)],
    ['model_ToyCar.tflite', 640 * 128 + 6 * 128 * 128 + 2 * 128 * 8 + 128 * 640],
    ['model_ToyCar_quant.tflite', 640 * 128 + 6 * 128 * 128 + 2 * 128 * 8 + 128 * 640],
    ['conv_fc_mnist.tflite', 28 * 28 * 8 * 9 + 14 * 14 * 8 * 32 + 32 * 10],
  ])('%s has %d multiply-accumulates', (name, macs) => {
    expect(mainMacs(load(name))).toBe(macs);
  });

  it.each([
    // Elements of all constants but shapes, counted when the corpus was collected.
    ['mobilenet_v1_0.25_128.tflite', 467_593, 467_593],
    ['mobilenet_v1_0.25_128_quant-3799e7.tflite', 467_593, 453_654],
    ['model_ToyCar.tflite', 265_864, 265_864],
    ['conv_fc_mnist.tflite', 50_608, 50_608],
    ['vww_96_float.tflite', 210_850, 210_850],
    ['face_detection_full_range_sparse.tflite', 508_308, 184_492],
    ['face_detection_front.tflite', 101_390, 100_412],
    ['face_detection_short_range.tflite', 101_390, 100_412],
  ])('%s has %d parameters, %d of them not zero', (name, parameters, nonZeroParameters) => {
    expect(constantFigures(load(name))).toMatchObject({ parameters, nonZeroParameters });
  });
});

/** MobileNet v1: a 3×3 convolution, 13 pairs of depthwise and pointwise ones, a classifier. */
function mobilenetMacs(resolution: number, width: number, classes: number): number {
  const channels = [64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024].map((n) => n * width);
  const strides = [1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1];
  let size = resolution / 2;
  let depth = 32 * width;
  let macs = size * size * 9 * 3 * depth;
  strides.forEach((stride, i) => {
    size /= stride;
    macs += size * size * depth * (9 + channels[i]!);
    depth = channels[i]!;
  });
  return macs + depth * classes;
}
