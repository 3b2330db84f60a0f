/** Long work: one queue, one job at a time (urgent ones beside it), each with progress, an estimate and a way to cancel it. */
import type { OnProgress, Progress } from '../../workers/protocol';
import { abortError, isAbort } from '../rpc/errors';
import { estimateLeftMs, shareDone } from './time-left';

export type JobState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';

export interface JobWords {
  /** What is being done, `Make dynamic-range`. */
  readonly title: string;
  /** The model under which the job is shown. */
  readonly modelId: string | null;
  /** Starts at once instead of waiting for its turn: for short work on a worker of its own. */
  readonly isUrgent?: boolean;
}

/** The work itself; it is expected to stop and reject with an `AbortError` when `signal` fires. */
export type Work<T> = (signal: AbortSignal, onProgress: OnProgress) => Promise<T>;

export class Job {
  readonly id = crypto.randomUUID();
  readonly title: string;
  readonly modelId: string | null;
  #abort = new AbortController();
  #state = $state<JobState>('waiting');
  #progress = $state.raw<Progress | null>(null);
  #startedAt = 0;

  constructor(words: JobWords) {
    this.title = words.title;
    this.modelId = words.modelId;
  }

  get state(): JobState {
    return this.#state;
  }
  get progress(): Progress | null {
    return this.#progress;
  }
  get share(): number | null {
    return shareDone(this.#progress);
  }
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Estimated time to the end in ms at the clock time `now`; null when it cannot be told. */
  leftMs(now: number): number | null {
    return this.#state === 'running' ? estimateLeftMs(now - this.#startedAt, this.#progress) : null;
  }

  cancel(): void {
    this.#abort.abort();
  }

  /** Runs the work and keeps state and progress. Called by the queue. */
  async perform<T>(work: Work<T>): Promise<T> {
    this.#state = 'running';
    this.#startedAt = performance.now();
    try {
      this.signal.throwIfAborted();
      const result = await work(this.signal, (progress) => {
        if (this.#state === 'running') this.#progress = progress;
      });
      // An answer that comes after the user cancelled must not change anything.
      this.signal.throwIfAborted();
      this.#state = 'done';
      return result;
    } catch (error) {
      this.#state = isAbort(error) ? 'cancelled' : 'failed';
      throw error;
    }
  }
}

export class JobQueue {
  #jobs = $state.raw<readonly Job[]>([]);
  #last: Promise<unknown> = Promise.resolve();

  /** Jobs that wait or run, in order. */
  get jobs(): readonly Job[] {
    return this.#jobs;
  }
  get isBusy(): boolean {
    return this.#jobs.length > 0;
  }

  /**
   * Adds work to the end of the queue.
   * @throws what the work throws; `AbortError` when the job was cancelled.
   */
  async add<T>(words: JobWords, work: Work<T>): Promise<T> {
    const job = new Job(words);
    this.#jobs = [...this.#jobs, job];
    const result = words.isUrgent ? job.perform(work) : this.#last.then(() => job.perform(work));
    if (!words.isUrgent) this.#last = result.catch(() => undefined);
    // A job that is cancelled while it waits leaves at once, not when its turn comes.
    const cancelled = new Promise<never>((_, reject) => {
      job.signal.addEventListener('abort', () => reject(abortError()), { once: true });
    });
    try {
      return await Promise.race([result, cancelled]);
    } finally {
      this.#jobs = this.#jobs.filter((other) => other !== job);
    }
  }

  cancelAll(): void {
    for (const job of this.#jobs) job.cancel();
  }
}
