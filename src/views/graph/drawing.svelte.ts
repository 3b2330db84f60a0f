/** How a graph becomes a picture: its cards are measured, the worker lays them out, a scene is made of both. */
import type { DrawnGraph } from '../../core/graph/groups-draw';
import { quickLayout } from '../../core/graph/layout/quick';
import type { Direction, LayoutRequest } from '../../core/graph/layout/types';
import type { LayoutClient } from '../../rpc/layout';
import { inPieces } from '../../ui/in-turn';
import type { Cards, MeasureText } from './cards';
import type { SceneChange } from './graph-canvas';
import { drawnCardSteps, drawnRequest } from './group-card';
import { type Scene, sceneSteps } from './scene';
import type { Theme } from './theme';

export interface Picture {
  readonly scene: Scene;
  /** Pictures with one key share their camera. */
  readonly key: string;
  readonly change: SceneChange;
}

export interface DrawingRequest {
  readonly drawn: DrawnGraph;
  readonly key: string;
  readonly direction: Direction;
  /** Group that was opened or closed, which is why it is drawn again; -1 for another reason. */
  readonly group: number;
  readonly theme: Theme;
}

/** The message with Cancel, and a rough picture, appear after this long. */
const SLOW_MS = 150;

export class Drawing {
  /** What is shown; null while there is nothing. */
  picture = $state.raw<Picture | null>(null);
  phase = $state<'ready' | 'slow' | 'cancelled' | 'failed'>('ready');
  /** Why it failed; empty otherwise. */
  failure = $state('');
  readonly #layoutClient: () => Pick<LayoutClient, 'layout'>;
  readonly #measure: MeasureText;
  #stop = new AbortController();

  constructor(layoutClient: () => Pick<LayoutClient, 'layout'>, measure: MeasureText) {
    this.#layoutClient = layoutClient;
    this.#measure = measure;
  }

  /** Draws a graph in place of what is shown; what is under way for another one is stopped. Never rejects. */
  async draw({ drawn, key, direction, group, theme }: DrawingRequest): Promise<void> {
    this.stop();
    const { signal } = (this.#stop = new AbortController());
    this.phase = 'ready';
    const laidOut = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const slow = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.phase = 'slow';
        resolve();
      }, SLOW_MS);
    });
    try {
      const cards = await inPieces(drawnCardSteps(drawn, this.#measure, theme), signal);
      const request = drawnRequest(drawn, cards, direction, this.#measure, theme);
      const until = AbortSignal.any([signal, laidOut.signal]);
      void slow.then(() => this.#drawRoughly(drawn, cards, request, key, until));
      const layout = await this.#layoutClient().layout(request, signal);
      signal.throwIfAborted();
      laidOut.abort();
      const scene = await inPieces(sceneSteps(drawn, cards, layout), signal);
      this.picture = { scene, key, change: { group, isInterim: false } };
      this.phase = 'ready';
    } catch (error) {
      if (signal.aborted) return;
      this.failure = error instanceof Error ? error.message : String(error);
      this.phase = 'failed';
    } finally {
      clearTimeout(timer);
    }
  }

  /** Better a rough picture of a graph than none, or one of another model. */
  async #drawRoughly(
    drawn: DrawnGraph,
    cards: Cards,
    request: LayoutRequest,
    key: string,
    until: AbortSignal,
  ): Promise<void> {
    if (until.aborted || this.picture?.key === key) return;
    const work = sceneSteps(drawn, cards, quickLayout(request));
    const scene = await inPieces(work, until).catch((error: unknown) => {
      if (until.aborted) return null;
      throw error;
    });
    if (scene) this.picture = { scene, key, change: { group: -1, isInterim: true } };
  }

  /** Stops what is under way; what is shown stays. */
  stop(): void {
    this.#stop.abort();
  }

  /** Stops, and says so. */
  cancel(): void {
    this.stop();
    this.phase = 'cancelled';
  }

  /** Shows nothing. */
  clear(): void {
    this.stop();
    this.picture = null;
  }
}
