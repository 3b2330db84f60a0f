/** The calibration that a worker keeps: its samples, the runtime, and what was measured so far. */
import { openCalibration } from '../src/core/optimize/calibrate/calibration';
import type { Calibration } from '../src/core/optimize/calibrate/types';
import type { LitertEngine } from '../src/engines/litert/engine';
import { loadLitertInWorker } from '../src/engines/litert/load-browser';
import type { CalibrationRequest } from './protocol';
import { readDataFiles } from './read-data';

let engine: { readonly threads: number; readonly engine: LitertEngine } | null = null;
let kept: { readonly key: string; readonly calibration: Calibration } | null = null;

/** The calibration for a request; the last one is kept with all its statistics. */
export async function calibrationFor(request: CalibrationRequest, runtimeUrl: string): Promise<Calibration> {
  const { dataId, data, samples, seed, threads } = request;
  const key = JSON.stringify([dataId, data.scale, samples, seed, threads]);
  if (kept?.key === key) return kept.calibration;
  if (engine?.threads !== threads) {
    engine?.engine.dispose();
    engine = null;
    engine = { threads, engine: await loadLitertInWorker({ baseUrl: runtimeUrl, threads }) };
  }
  const { dataset, scale } = await readDataFiles(data);
  const calibration = openCalibration(engine.engine, dataset, scale, {
    samples,
    seed,
    now: () => performance.now(),
  });
  kept = { key, calibration };
  return calibration;
}
