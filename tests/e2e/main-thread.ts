/** How long the page's own thread is held up, from the browser's trace. */
import { expect, test, type Page } from '@playwright/test';

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Length on the processor, in microseconds. */
  readonly tdur?: number;
}

const mark = 'whittle-watched';

/**
 * Starts to watch the tasks of the page's main thread; the function given back stops and returns the longest ones
 * in ms of processor time, longest first. On an idle machine that is how long they take; on a busy one the clock
 * would also count what other programs do in between, which says nothing about the page.
 */
export async function watchTasks(page: Page): Promise<() => Promise<number[]>> {
  const browser = page.context().browser()!;
  await browser.startTracing(page, { categories: ['toplevel', 'blink.user_timing'] });
  await page.evaluate((name) => performance.mark(name), mark);
  return async () => {
    const trace = (await browser.stopTracing()).toString();
    const { traceEvents } = JSON.parse(trace) as { traceEvents: TraceEvent[] };
    const own = traceEvents.find(({ name }) => name === mark);
    if (!own) throw new Error('The trace does not hold the mark of the page.');
    return traceEvents
      .filter(({ name, ph, pid, tid }) => {
        return name.endsWith('RunTask') && ph === 'X' && pid === own.pid && tid === own.tid;
      })
      .map(({ tdur = 0 }) => tdur / 1000)
      .sort((a, b) => b - a)
      .slice(0, 5);
  };
}

/**
 * Takes what `watchTasks` gave back and expects no task that held the page's thread for 50 ms of processor time
 * or more, which is what the browser calls a long task; the longest ones are noted in the report.
 */
export async function expectNoLongTask(longestTasks: () => Promise<number[]>): Promise<void> {
  const times = await longestTasks();
  test.info().annotations.push({ type: 'longest tasks, ms of processor time', description: times.join(' ') });
  expect(times[0]).toBeGreaterThan(0);
  expect(times.filter((ms) => ms >= 50)).toEqual([]);
}

/** Starts the browser's long-task observer; the function given back returns the tasks of over 50 ms seen since, in ms. */
export async function watchLongTasks(page: Page): Promise<() => Promise<number[]>> {
  const seen = await page.evaluateHandle(() => {
    const times: number[] = [];
    new PerformanceObserver((list) => {
      times.push(...list.getEntries().map(({ duration }) => Math.round(duration)));
    }).observe({ type: 'longtask' });
    return times;
  });
  return () => seen.jsonValue();
}
