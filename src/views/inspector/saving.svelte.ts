/** Making a file in the worker and handing it to the user. */
import { isAbort } from '../../rpc/errors';
import type { OnDone } from '../../rpc/parse';
import { saveFile } from '../../ui/charts/chart';

export interface Saving {
  /** 0 to 1 while a file is being made, else null. */
  readonly done: number | null;
  /** A sentence for the user, or null. */
  readonly failure: string | null;
  /** Makes a file and saves it; one at a time, the newest wins. */
  start(
    make: (
      signal: AbortSignal,
      ondone: OnDone,
    ) => Promise<{ readonly fileName: string; readonly file: Blob }>,
  ): Promise<void>;
  cancel(): void;
}

/** To be called while a component is being set up; what is under way ends with it. */
export function saving(): Saving {
  let done = $state<number | null>(null);
  let failure = $state<string | null>(null);
  let abort: AbortController | null = null;
  const cancel = () => {
    abort?.abort();
    abort = null;
    done = null;
  };
  $effect(() => cancel);
  return {
    get done() {
      return done;
    },
    get failure() {
      return failure;
    },
    cancel,
    async start(make) {
      cancel();
      const own = (abort = new AbortController());
      done = 0;
      failure = null;
      try {
        const { fileName, file } = await make(own.signal, (share) => {
          if (!own.signal.aborted) done = share;
        });
        if (!own.signal.aborted) saveFile(fileName, file);
      } catch (error) {
        if (!isAbort(error) && !own.signal.aborted)
          failure = error instanceof Error ? error.message : String(error);
      }
      if (!own.signal.aborted) done = null;
    },
  };
}
