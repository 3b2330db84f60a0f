/** Something that is loaded from a worker for what is on screen. */
import { isAbort } from '../../rpc/errors';

export interface Resource<T> {
  /** The last answer; stays while the next one is on its way. */
  readonly value: T | null;
  /** A sentence for the user, or null. */
  readonly error: string | null;
  readonly isLoading: boolean;
}

/**
 * Loads anew whenever something that `load` reads before its first `await` changes, and drops answers that come too
 * late. `load` returns null where there is nothing to load. To be called while a component is being set up.
 */
export function resource<T>(load: (signal: AbortSignal) => Promise<T> | null): Resource<T> {
  let value = $state.raw<T | null>(null);
  let error = $state<string | null>(null);
  let isLoading = $state(false);

  $effect(() => {
    const abort = new AbortController();
    const promise = load(abort.signal);
    isLoading = promise !== null;
    if (!promise) {
      value = null;
      error = null;
    }
    promise?.then(
      (answer) => {
        if (abort.signal.aborted) return;
        value = answer;
        error = null;
        isLoading = false;
      },
      (reason: unknown) => {
        if (abort.signal.aborted || isAbort(reason)) return;
        value = null;
        error = reason instanceof Error ? reason.message : String(reason);
        isLoading = false;
      },
    );
    return () => abort.abort();
  });

  return {
    get value() {
      return value;
    },
    get error() {
      return error;
    },
    get isLoading() {
      return isLoading;
    },
  };
}
