/** Every real model in LiteRT: the same numbers before and after writing, through the interpreter and without it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ModelError } from '../../src/core/errors';
import { openModel } from '../../src/core/model/open';
import { writeModel } from '../../src/core/model/write';
import type { TensorData, TensorValues } from '../../src/core/tensor-data';
import { CompiledFile } from '../../src/engines/litert/compiled-file';
import { VALUE_ARRAYS } from '../../src/engines/litert/element-types';
import { LitertEngine } from '../../src/engines/litert/engine';
import { nodeLoader } from '../../src/engines/litert/node';
import { type ModelPlan, planModel } from '../../src/engines/litert/plan';
import { runnableCopy } from '../../src/engines/litert/runnable';
import { unsupportedOperators } from '../../src/engines/litert/unsupported';
import { BareModel } from '../support/bare-litert';
import { corpusIds, corpusModel, corpusTitle, hasCorpus } from '../support/corpus';
import { randomInput } from '../support/random-inputs';

const main = { signature: null, accelerator: 'wasm' } as const;
/** Its inputs alone are 365 MB; the runtime's memory ends at 2 GB. */
const tooLarge = 'conv_huge_im2col';

let engine: LitertEngine;

beforeAll(async () => {
  engine = await LitertEngine.open(await nodeLoader());
});
afterAll(() => engine.dispose());

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  Buffer.from(buffer, byteOffset, byteLength);

function inputsOf(plan: ModelPlan) {
  return plan.inputs.map(({ info }, i) => randomInput(info, i + 1));
}

interface Result {
  readonly outputs: readonly Buffer[];
  /**
   * Whether bare LiteRT can give the same: it writes over memory where the file does not tell the true sizes of
   * outputs, and leaves those as they were that are inputs handed on.
   */
  readonly isComparable: boolean;
}

/** What the interpreter gives, output by output. */
async function interpret(bytes: Uint8Array): Promise<Result | ModelError> {
  return orModelError(async () => {
    const plan = planModel(bytes, null);
    const interpreter = await engine.createInterpreter(bytes, main);
    try {
      const outputs = await interpreter.run(inputsOf(plan));
      return {
        outputs: outputs.map(({ values }) => bytesOf(values)),
        isComparable: plan.outputs.every(
          ({ info, echoes }, i) => echoes === null && String(outputs[i]!.shape) === String(info.shape),
        ),
      };
    } finally {
      interpreter.dispose();
    }
  });
}

/** What the runtime gives for the file as it is, in the order of the plan's outputs. */
async function runBare(bytes: Uint8Array): Promise<Buffer[] | ModelError> {
  const plan = planModel(bytes, null);
  const signatures = plan.model.signatureDefs ?? [];
  const index = Math.max(
    0,
    signatures.findIndex(({ subgraphIndex }) => subgraphIndex === plan.subgraph),
  );
  const signature = signatures[index];
  return orModelError(() =>
    engine.enqueue(async () => {
      const runtime = await engine.runtime('wasm');
      try {
        const bare = await BareModel.load(runtime, bytes, index);
        const inputs = inputsOf(plan);
        const given = bare.inputNames.map((name, i) => {
          const tensor = signature?.inputs.find((map) => map.name === name)?.tensorIndex;
          return bytesOf(
            inputs[
              plan.inputs.findIndex((end, k) => (tensor ?? k) === (tensor === undefined ? i : end.tensor))
            ]!.values,
          );
        });
        const outputs = await bare.runChecked(given);
        bare.delete();
        return plan.outputs.map((end, i) => {
          const name = signature?.outputs.find(({ tensorIndex }) => tensorIndex === end.tensor)?.name;
          return bytesOf(outputs[name == null ? i : bare.outputNames.indexOf(name)]!);
        });
      } finally {
        engine.settle(runtime);
      }
    }),
  );
}

async function orModelError<T>(job: () => Promise<T>): Promise<T | ModelError> {
  try {
    return await job();
  } catch (error) {
    if (error instanceof ModelError) return error;
    throw error;
  }
}

function same(a: readonly Buffer[], b: readonly Buffer[]): boolean {
  return a.length === b.length && a.every((bytes, i) => Buffer.compare(bytes, b[i]!) === 0);
}

describe.skipIf(!hasCorpus)(corpusTitle, () => {
  const ids = hasCorpus ? corpusIds().filter((id) => id !== tooLarge) : [];

  it('gives the same numbers before and after writing', async () => {
    const counts = { ran: 0, failed: 0, compared: 0 };
    const differing: string[] = [];
    for (const id of ids) {
      const bytes = corpusModel(id);
      const opened = await orModelError(async () => openModel(bytes));
      if (opened instanceof ModelError) {
        expect(await interpret(bytes), id).toBeInstanceOf(ModelError);
        counts.failed++;
        continue;
      }
      const written = writeModel(opened.model);
      const [before, after] = [await interpret(bytes), await interpret(written)];
      if (before instanceof ModelError || after instanceof ModelError) {
        expect(after instanceof ModelError && after.message, id).toBe(
          before instanceof ModelError && before.message,
        );
        counts.failed++;
        continue;
      }
      counts.ran++;
      if (!same(before.outputs, after.outputs)) differing.push(`${id}: interpreter`);
      if (!before.isComparable) continue;
      const [bareBefore, bareAfter] = [await runBare(bytes), await runBare(written)];
      if (bareBefore instanceof ModelError || bareAfter instanceof ModelError) {
        expect(bareAfter, id).toBeInstanceOf(ModelError);
        expect(bareBefore, id).toBeInstanceOf(ModelError);
        continue;
      }
      counts.compared++;
      if (!same(bareBefore, bareAfter)) differing.push(`${id}: bare runtime`);
      if (!same(before.outputs, bareBefore)) differing.push(`${id}: interpreter and bare runtime`);
    }
    expect(differing).toEqual([]);
    expect(counts.ran + counts.failed).toBe(ids.length);
    expect(counts.ran).toBeGreaterThanOrEqual(213);
    expect(counts.compared).toBeGreaterThanOrEqual(170);
  });

  it('gives each row of a batch what it gives alone, where the batch is dynamic', async () => {
    let batched = 0;
    for (const id of ids) {
      const bytes = corpusModel(id);
      const plan = await orModelError(async () => planModel(bytes, null));
      if (plan instanceof ModelError) continue;
      const isDynamic = [...plan.inputs, ...plan.outputs].every(({ info }) => info.shape.indexOf(-1) === 0);
      if (!isDynamic || unsupportedOperators(plan.model).length > 0) continue;
      const result = await orModelError(() => runRows(bytes));
      if (result instanceof ModelError) continue;
      batched++;
      for (const [rows, single] of result) expect(rows, id).toEqual([single, single, single]);
    }
    expect(batched).toBeGreaterThanOrEqual(20);
  });

  it('refuses only what the runtime really cannot run', async () => {
    let refused = 0;
    for (const id of ids) {
      const plan = await orModelError(async () => planModel(corpusModel(id), null));
      if (plan instanceof ModelError || unsupportedOperators(plan.model).length === 0) continue;
      refused++;
      expect(await interpret(corpusModel(id)), id).toMatchObject({ code: 'unsupported' });
      const ran = await orModelError(() => runAnyway(plan));
      expect(ran, id).toBeInstanceOf(ModelError);
    }
    expect(refused).toBeGreaterThanOrEqual(28);
  });
});

/** For each output: the rows of a batch of one sample three times, and the sample alone. Floats to four digits. */
async function runRows(bytes: Uint8Array): Promise<(readonly [string[], string])[]> {
  const interpreter = await engine.createInterpreter(bytes, main);
  try {
    const one = interpreter.inputs.map((info, i) => randomInput(info, i + 1));
    const three = one.map((input) => threeTimes(input));
    const [single, batch] = [await interpreter.run(one), await interpreter.run(three)];
    return single.map(({ values }, i) => {
      const length = values.length;
      const rows = batch[i]!.values;
      return [
        [0, 1, 2].map((row) => digits(rows.subarray(row * length, (row + 1) * length))),
        digits(values),
      ];
    });
  } finally {
    interpreter.dispose();
  }
}

function threeTimes({ dtype, shape, values }: TensorData): TensorData {
  const constructor = VALUE_ARRAYS[dtype]!;
  const tripled = new constructor(new ArrayBuffer(values.byteLength * 3));
  const target = bytesOf(tripled);
  for (const row of [0, 1, 2]) target.set(bytesOf(values), row * values.byteLength);
  return { dtype, shape: [shape[0]! * 3, ...shape.slice(1)], values: tripled };
}

function digits(values: TensorValues): string {
  let text = '';
  for (const value of values) text += `${Number(value).toPrecision(4)} `;
  return text;
}

/** Runs a model that the interpreter refuses. Text inputs get no values. */
function runAnyway(plan: ModelPlan): Promise<unknown> {
  return engine.enqueue(async () => {
    const shapes = plan.inputs.map(({ info }) => info.shape.map((size) => (size === -1 ? 1 : size)));
    const file = await CompiledFile.create(engine, runnableCopy(plan, shapes), plan, 'wasm');
    try {
      return await file.run(inputsOf(plan));
    } finally {
      file.dispose();
    }
  });
}
