/** The whole loop in figures: codec, quantization, interpreter overhead. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { benchCodec } from './codec';
import type { BenchEntry } from './entry';
import { benchInterpreter } from './interpreter';
import { benchQuantize } from './quantize';

const require = createRequire(import.meta.url);

export async function runLoopSuite(): Promise<BenchEntry[]> {
  const heavy = new Uint8Array(
    readFileSync(require.resolve('@mediapipe/holistic/pose_landmark_heavy.tflite')),
  );
  return [
    ...(await benchCodec('pose_landmark_heavy', heavy)),
    ...(await benchQuantize('pose_landmark_heavy', heavy)),
    ...(await benchInterpreter()),
  ];
}
