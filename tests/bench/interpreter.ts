/** What our interpreter costs on top of the runtime: `run` against the bare LiteRT call, same file, same process. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { LitertEngine } from '../../src/engines/litert/engine';
import { nodeLoader } from '../../src/engines/litert/node';
import { BareModel } from '../support/bare-litert';
import { randomInput } from '../support/random-inputs';
import type { BenchEntry } from './entry';

const require = createRequire(import.meta.url);
const ROUNDS = 40;
/** One timed round takes about this long, so that the clock's step does not matter. */
const ROUND_MS = 8;

const models: readonly { readonly name: string; readonly path: string }[] = [
  { name: 'digits', path: new URL('../../public/samples/digits.tflite', import.meta.url).pathname },
  {
    name: 'face_detection_short_range',
    path: require.resolve('@mediapipe/face_detection/face_detection_short_range.tflite'),
  },
];

/** Ratio of the median times, interleaved; 1 is no overhead. */
export async function benchInterpreter(): Promise<BenchEntry[]> {
  const engine = await LitertEngine.open(await nodeLoader());
  const entries: BenchEntry[] = [];
  for (const { name, path } of models) {
    entries.push(await compare(engine, name, new Uint8Array(readFileSync(path))));
  }
  engine.dispose();
  return entries;
}

async function compare(engine: LitertEngine, name: string, bytes: Uint8Array): Promise<BenchEntry> {
  const interpreter = await engine.createInterpreter(bytes, { signature: null, accelerator: 'wasm' });
  const bare = await BareModel.load(await engine.runtime('wasm'), bytes);
  const inputs = interpreter.inputs.map((info, i) => randomInput(info, i + 1));
  const raw = inputs.map(({ values }) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength));

  const runOurs = () => interpreter.run(inputs);
  const runBare = async () => bare.run(raw);
  const perRound = await callsPerRound(runBare);
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(await timeMs(runOurs, perRound));
    theirs.push(await timeMs(runBare, perRound));
  }
  bare.delete();
  interpreter.dispose();
  const [oursMs, bareMs] = [median(ours) / perRound, median(theirs) / perRound];
  return {
    name: `interpreter overhead, ${name}`,
    ratio: oursMs / bareMs,
    unit: 'x the bare LiteRT call',
    note: `medians of ${ROUNDS} interleaved rounds of ${perRound} runs: ${oursMs.toFixed(3)} ms and ${bareMs.toFixed(3)} ms`,
  };
}

async function callsPerRound(run: () => Promise<unknown>): Promise<number> {
  await timeMs(run, 5);
  return Math.max(1, Math.round((ROUND_MS * 10) / (await timeMs(run, 10))));
}

async function timeMs(run: () => Promise<unknown>, calls: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < calls; i++) await run();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}
