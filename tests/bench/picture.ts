/** How soon a graph is seen, and how it moves, in a real browser with software rendering. Builds the page first. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright';
import { build, preview } from 'vite';
import { chromiumFlags, findBrowser } from '../../scripts/setup.mjs';
import { largeModel } from '../support/large-model';
import { blockGraph, skipGraph } from './graph-models';

export interface PictureFigures {
  readonly graph: string;
  readonly operators: number;
  /** From the choice of the file to the first picture of its graph. */
  readonly firstPictureMs: number;
  /** To the laid-out one, where a rough one came before. */
  readonly finalPictureMs: number;
  /** Longest task of the page from the choice of the file to the end; 0 for none of 50 ms or more. */
  readonly longestTaskMs: number;
  /** Longest time between two frames while the whole graph is dragged. */
  readonly panFrameMs: number;
  /** From a key press in the search field to the answer on screen. */
  readonly searchMs: number;
  /** Elements in the page at the end. */
  readonly elements: number;
}

const RUNS = 3;
const require = createRequire(import.meta.url);
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!;

/** Medians of three runs, each in a fresh page. */
export async function runPictureSuite(): Promise<PictureFigures[]> {
  const folder = mkdtempSync(join(tmpdir(), 'whittle-bench-'));
  await build({ logLevel: 'error', build: { outDir: join(folder, 'dist') } });
  const server = await preview({
    logLevel: 'error',
    build: { outDir: join(folder, 'dist') },
    preview: { port: 4191 },
  });
  const executablePath = findBrowser();
  const browser = await chromium.launch({
    ...(executablePath === null ? {} : { executablePath }),
    args: [...chromiumFlags],
  });
  try {
    const url = server.resolvedUrls!.local[0]!;
    const figures: PictureFigures[] = [];
    for (const { graph, operators, path } of files(folder)) {
      const runs: Omit<PictureFigures, 'graph' | 'operators'>[] = [];
      for (let run = 0; run < RUNS; run++) runs.push(await measure(browser, url, path));
      const of = (key: keyof (typeof runs)[number]) => Math.round(median(runs.map((one) => one[key])));
      figures.push({
        graph,
        operators,
        firstPictureMs: of('firstPictureMs'),
        finalPictureMs: of('finalPictureMs'),
        longestTaskMs: of('longestTaskMs'),
        panFrameMs: of('panFrameMs'),
        searchMs: of('searchMs'),
        elements: of('elements'),
      });
    }
    return figures;
  } finally {
    await browser.close();
    await server.close();
    rmSync(folder, { recursive: true });
  }
}

function files(folder: string): { graph: string; operators: number; path: string }[] {
  const written = (graph: string, operators: number, bytes: Uint8Array) => {
    const path = join(folder, `${graph.replace(' ', '-')}-${operators}.tflite`);
    writeFileSync(path, bytes);
    return { graph, operators, path };
  };
  return [
    {
      graph: 'pose_landmark_heavy',
      operators: 689,
      path: require.resolve('@mediapipe/holistic/pose_landmark_heavy.tflite'),
    },
    ...[700, 5000, 20_000].flatMap((count) => [
      written('branchy flat', count, largeModel(blockGraph(count))),
      written('branchy nested', count, largeModel(blockGraph(count), true)),
    ]),
    written('nas flat', 1000, largeModel(skipGraph(1000))),
  ];
}

/** What the page notes about itself; see `watch`. */
interface Notes {
  chosenAt: number;
  firstAt: number | null;
  finalAt: number | null;
  longestTaskMs: number;
}

async function measure(
  browser: Browser,
  url: string,
  path: string,
): Promise<Omit<PictureFigures, 'graph' | 'operators'>> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  try {
    // What tsx puts around functions, which are sent to the page as text.
    await page.addInitScript('globalThis.__name = (named) => named;');
    await page.goto(url);
    const picker = page.getByLabel(/^Model files/).first();
    await picker.waitFor({ state: 'attached' });
    // As a user does, who takes a moment to find the file.
    await page.waitForTimeout(1500);
    const notes = await page.evaluateHandle(watch);
    await picker.setInputFiles(path);
    await page.waitForFunction((seen) => seen.finalAt !== null, notes, { timeout: 60_000 });
    await page.waitForTimeout(500);
    const panFrameMs = await pan(page);
    const searchMs = await search(page);
    const { chosenAt, firstAt, finalAt, longestTaskMs } = await notes.jsonValue();
    return {
      firstPictureMs: firstAt! - chosenAt,
      finalPictureMs: finalAt! - chosenAt,
      longestTaskMs,
      panFrameMs,
      searchMs,
      elements: await page.evaluate(() => document.querySelectorAll('*').length),
    };
  } finally {
    await page.close();
  }
}

/** Runs in the page: notes when a file is chosen, when the first picture stands, and when no layout is under way. */
function watch(): Notes {
  const notes: Notes = { chosenAt: 0, firstAt: null, finalAt: null, longestTaskMs: 0 };
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) {
      if (notes.chosenAt > 0 && startTime >= notes.chosenAt)
        notes.longestTaskMs = Math.max(notes.longestTaskMs, duration);
    }
  }).observe({ type: 'longtask' });
  const look = (): void => {
    // The minimap comes with the first picture.
    if (document.querySelector('.minimap')) {
      notes.firstAt ??= performance.now();
      const isWaiting = [...document.querySelectorAll('[role=status]')].some(({ textContent }) =>
        textContent.includes('Laying out'),
      );
      if (!isWaiting) {
        notes.finalAt = performance.now();
        return;
      }
    }
    requestAnimationFrame(look);
  };
  addEventListener(
    'change',
    () => {
      notes.chosenAt = performance.now();
      requestAnimationFrame(look);
    },
    { capture: true, once: true },
  );
  return notes;
}

/** Fits the graph, drags it about, and gives the longest time between two frames in ms. */
async function pan(page: Page): Promise<number> {
  const graph = page.getByRole('application').first();
  await graph.press('f');
  await page.waitForTimeout(500);
  const box = (await graph.boundingBox())!;
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  const longest = await page.evaluateHandle(() => {
    const seen = { ms: 0, isOver: false };
    let last = performance.now();
    const frame = (): void => {
      const now = performance.now();
      seen.ms = Math.max(seen.ms, now - last);
      last = now;
      if (!seen.isOver) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    return seen;
  });
  await page.mouse.down();
  for (let step = 1; step <= 40; step++) await page.mouse.move(x + 3 * step, y - 4 * step);
  await page.mouse.up();
  return longest.evaluate((seen) => {
    seen.isOver = true;
    return seen.ms;
  });
}

/** Types into the search field and gives the time until the number of hits stands there, in ms. */
async function search(page: Page): Promise<number> {
  await page.keyboard.press('Control+k');
  await page.waitForTimeout(1000);
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const field = document.activeElement as HTMLInputElement;
        const start = performance.now();
        field.value = 'op_1';
        field.dispatchEvent(new Event('input', { bubbles: true }));
        const look = (): void => {
          const isThere = [...document.querySelectorAll('.search [role=status]')].some(({ textContent }) =>
            /found|nothing/i.test(textContent),
          );
          if (isThere) resolve(performance.now() - start);
          else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      }),
  );
}
