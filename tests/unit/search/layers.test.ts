/** From a scheme for each layer to a recipe, and from the recipe to a model that has them. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operatorName } from '../../../src/core/model/operators';
import type { Model } from '../../../src/core/model/types';
import { openCalibration } from '../../../src/core/optimize/calibrate/calibration';
import { runRecipe } from '../../../src/core/optimize/pipeline';
import { parseRecipe } from '../../../src/core/optimize/recipe';
import { mixedRecipe, searchLayers } from '../../../src/core/optimize/search/layers';
import { type Scheme, schemes } from '../../../src/core/optimize/search/types';
import type { Engine } from '../../../src/engines/interpreter';
import { loadLitertInNode } from '../../../src/engines/litert/node';
import { sqnrDb, uniformDataset } from '../integer/calibrating';
import { chainOf } from './chain';

let engine: Engine;
beforeAll(async () => {
  engine = await loadLitertInNode();
});
afterAll(() => engine.dispose());

const LAYERS = 5;
const model = chainOf(LAYERS);
const layers = searchLayers(model);
const assigned = (chosen: readonly Scheme[]) =>
  new Map(layers.map(({ operator }, i) => [operator, chosen[i]!] as const));

async function make(chosen: readonly Scheme[], rounding: 'fitted' | 'plain' = 'plain'): Promise<Model> {
  const calibration = openCalibration(
    engine,
    uniformDataset(model, 8),
    { kind: 'none' },
    { samples: 8, seed: 1 },
  );
  const recipe = mixedRecipe(model, 'test', assigned(chosen), rounding);
  const made = await runRecipe(model, recipe, { seed: 1, calibration });
  return made.model;
}

/** The scheme of each FULLY_CONNECTED, told from the types in the model alone. */
function schemesIn({ subgraphs, ...rest }: Model): string[] {
  const { tensors, operators } = subgraphs[0]!;
  const whole = { ...rest, subgraphs };
  return operators.flatMap((operator) => {
    if (operatorName(whole, operator) !== 'FULLY_CONNECTED') return [];
    const [data, weights] = Array.from(operator.inputs, (tensor) => tensors[tensor]?.type);
    if (data === 'INT16') return ['int16x8'];
    if (data === 'INT8') return [weights === 'INT4' ? 'int4' : 'int8'];
    if (weights === 'INT8') return ['dynamic'];
    const source = operators.find(({ outputs }) => outputs[0] === operator.inputs[1]);
    return [source && tensors[source.inputs[0]!]!.type === 'FLOAT16' ? 'float16' : 'float32'];
  });
}

const someSchemes = fc.array(fc.constantFrom(...schemes), { minLength: LAYERS, maxLength: LAYERS });

describe('searchLayers', () => {
  it('are the operators with float weights, of a least size, in order', () => {
    expect(layers.map(({ operator, kind, elements }) => [operator, kind, elements])).toEqual(
      [0, 2, 4, 6, 8].map((operator) => [operator, 'FULLY_CONNECTED', 1600]),
    );
    expect(layers.at(-1)!.name).toBe('y');
    expect(searchLayers(model, 1601)).toEqual([]);
  });
});

describe('mixedRecipe', () => {
  it('is a recipe that parses as it is, with the steps that the schemes need', () => {
    fc.assert(
      fc.property(someSchemes, fc.constantFrom('fitted' as const, 'plain' as const), (chosen, rounding) => {
        const recipe = mixedRecipe(model, 'some', assigned(chosen), rounding);
        expect(parseRecipe(JSON.parse(JSON.stringify(recipe)))).toEqual(recipe);
        const steps = recipe.steps.map(({ pass }) => pass);
        const has = (...wanted: readonly Scheme[]) => wanted.some((scheme) => chosen.includes(scheme));
        expect(steps).toEqual([
          'clean-up',
          ...(has('int8', 'int4', 'int16x8') ? ['integer'] : []),
          ...(has('dynamic') ? ['dynamic-range'] : []),
          ...(has('float16') ? ['float16'] : []),
        ]);
      }),
    );
  });

  it.each(schemes.map((scheme) => [scheme]))('gives all layers %s', async (scheme) => {
    expect(schemesIn(await make(new Array<Scheme>(LAYERS).fill(scheme)))).toEqual(
      new Array<Scheme>(LAYERS).fill(scheme),
    );
  });

  it('gives each layer its own scheme when it is run, and the model runs and is close', async () => {
    const data = uniformDataset(model, 8);
    await fc.assert(
      fc.asyncProperty(someSchemes, async (chosen) => {
        const made = await make(chosen);
        expect(schemesIn(made)).toEqual(chosen);
        expect(await sqnrDb(engine, model, made, data)).toBeGreaterThan(chosen.includes('int4') ? 8 : 25);
      }),
      { numRuns: 30 },
    );
  });

  it('gives them with fitted rounding too', async () => {
    const chosen = ['int4', 'float32', 'int8', 'dynamic', 'int16x8'] as const;
    expect(schemesIn(await make(chosen, 'fitted'))).toEqual(chosen);
  });

  it('lets operators between layers compute as the layer before them', async () => {
    const made = await make(['int8', 'int8', 'float32', 'float32', 'float32']);
    const { operators, tensors } = made.subgraphs[0]!;
    const relus = operators.filter((operator) => operatorName(made, operator) === 'RELU');
    expect(relus.map(({ inputs }) => tensors[inputs[0]!]!.type)).toEqual([
      'INT8',
      'INT8',
      'FLOAT32',
      'FLOAT32',
    ]);
  });
});
