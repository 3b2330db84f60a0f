import { expect, test } from 'vitest';
import {
  findClockStep,
  ratioInterval,
  summarizeLatency,
  timeInterleaved,
} from '../../../src/core/measure/latency';
import type { LatencyOptions } from '../../../src/core/measure/latency';

/** A clock that only moves when something runs. */
function fakeClock(stepMs = 0.005) {
  let time = 0;
  const order: string[] = [];
  return {
    order,
    run: (name: string, costMs: number) => async () => {
      order.push(name);
      time += costMs;
    },
    options: (over: Partial<LatencyOptions> = {}): LatencyOptions => ({
      now: () => Math.floor(time / stepMs) * stepMs,
      clockStepMs: stepMs,
      rounds: 6,
      budgetMs: Infinity,
      onRound: () => undefined,
      ...over,
    }),
  };
}

test('the models take turns, after a warm-up', async () => {
  const clock = fakeClock();
  const times = await timeInterleaved([clock.run('a', 4), clock.run('b', 2)], clock.options());
  expect(clock.order.slice(-12).join('')).toBe('abababababab');
  expect(clock.order.length).toBeGreaterThan(12 + 4);
  expect(times[0]).toHaveLength(6);
  expect(times[0]!.every((time) => Math.abs(time - 4) < 0.01)).toBe(true);
  expect(times[1]!.every((time) => Math.abs(time - 2) < 0.01)).toBe(true);
});

test.each([0.005, 0.1])('models faster than a clock of %f ms are measured to 2 %%', async (stepMs) => {
  const clock = fakeClock(stepMs);
  const [times] = await timeInterleaved([clock.run('a', 0.0123)], clock.options());
  for (const time of times!) expect(Math.abs(time / 0.0123 - 1)).toBeLessThan(0.02);
});

test('a slow model stops at the budget, but not before five rounds', async () => {
  const clock = fakeClock();
  const [times] = await timeInterleaved([clock.run('a', 100)], clock.options({ rounds: 50, budgetMs: 700 }));
  expect(times).toHaveLength(8);
  const [few] = await timeInterleaved([clock.run('a', 100)], clock.options({ rounds: 50, budgetMs: 300 }));
  expect(few).toHaveLength(5);
  const long = await timeInterleaved(
    [clock.run('b', 30_000)],
    clock.options({ rounds: 50, budgetMs: 20_000 }),
  );
  expect(long[0]).toHaveLength(3);
  // One run to warm up.
  expect(clock.order.filter((name) => name === 'b')).toHaveLength(4);
});

test('a model that fails does not stop the others', async () => {
  const clock = fakeClock();
  let left = 6;
  const breaks = async () => {
    if (left-- <= 0) throw new Error('broken');
    await clock.run('b', 1)();
  };
  const fails = async () => Promise.reject(new Error('broken'));
  const times = await timeInterleaved([clock.run('a', 1), fails, breaks], clock.options());
  expect(times.map((runs) => runs?.length ?? null)).toEqual([6, null, null]);
});

test('an error from onRound stops the measuring', async () => {
  const clock = fakeClock();
  const options = clock.options({
    onRound: (done) => {
      if (done === 2) throw new Error('cancelled');
    },
  });
  await expect(timeInterleaved([clock.run('a', 1)], options)).rejects.toThrow('cancelled');
});

test('summarizeLatency interpolates between neighbours', () => {
  expect(summarizeLatency([5, 1, 3, 2, 4])).toMatchObject({ median: 3, p10: 1.4, p90: 4.6 });
  expect(summarizeLatency([2])).toMatchObject({ median: 2, p10: 2, p90: 2 });
});

test('ratioInterval holds the true ratio and narrows with paired rounds', () => {
  const noise = Array.from({ length: 41 }, (_, i) => 1 + ((i * 7919) % 41) / 100);
  const original = noise.map((factor) => 6 * factor);
  const variant = noise.map((factor) => 3 * factor);
  const { ratio, low, high, confidence } = ratioInterval(original, variant);
  expect([ratio, confidence]).toEqual([2, 0.95]);
  // The same disturbance in both cancels out.
  expect([low, high].map((bound) => Math.round(bound * 1e9) / 1e9)).toEqual([2, 2]);
  const shuffled = ratioInterval(original, variant.toReversed());
  expect(shuffled.low).toBeLessThanOrEqual(2);
  expect(shuffled.high).toBeGreaterThanOrEqual(2);
  expect(shuffled.high - shuffled.low).toBeLessThan(0.5);
  expect(ratioInterval(original, variant.toReversed())).toEqual(shuffled);
});

test.each([
  [0.1, 0.1],
  [0.02, 0.02],
  [0.00001, 0.005],
])('a clock with steps of %f ms is taken for one of %f', (stepMs, found) => {
  let calls = 0;
  expect(findClockStep(() => Math.floor(calls++ / 7) * stepMs)).toBeCloseTo(found, 9);
});

test('a clock that stands still is taken for a coarse one', () => {
  expect(findClockStep(() => 1)).toBe(0.1);
});
