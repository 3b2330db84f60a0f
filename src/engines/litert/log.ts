/** What the runtime prints. Its informative lines are dropped, its errors kept: often they are the only sign of one. */

/** Severities that say nothing about whether numbers can be trusted. */
const HARMLESS = /^(INFO|WARNING|VERBOSE|DEBUG)\b/;
const LIMIT = 50;

export class RuntimeLog {
  #lines: string[] = [];

  /** Keeps a printed text unless it is harmless. Arrow function: it is handed out as a callback. */
  readonly write = (text: unknown): void => {
    const line = String(text).trim();
    if (line === '' || HARMLESS.test(line) || this.#lines.length >= LIMIT) return;
    this.#lines.push(line);
  };

  get hasErrors(): boolean {
    return this.#lines.length > 0 && this.#lines.some(isError);
  }

  /** The lines kept since the last call. */
  take(): readonly string[] {
    if (this.#lines.length === 0) return NONE;
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }
}

const NONE: readonly string[] = [];

function isError(line: string): boolean {
  return /^(ERROR|FATAL|Aborted)\b/.test(line);
}
