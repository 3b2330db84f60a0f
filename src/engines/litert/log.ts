/** What the runtime prints. Its informative lines are dropped, its errors kept: often they are the only sign of one. */

/** Severities that say nothing about whether numbers can be trusted: the runtime's own, and those of its libraries. */
const HARMLESS = /^(INFO|WARNING|VERBOSE|DEBUG)\b|^[IW]\d{4} /;
const ERROR = /^(ERROR|FATAL|Aborted)\b|^[EF]\d{4} /;
/** Printed as an error, but only the start of a report on what stays on the CPU. */
const SPLIT_STARTS = /operations are not supported by GPU delegate/;
const SPLIT_ENDS = /^(No|\d+) operations will run on the GPU, and .*?(\d+) operations will run on the CPU/;
const LIMIT = 50;
const NONE: readonly string[] = [];

/** How the GPU and the CPU share the operators of a model. */
export interface OperatorSplit {
  readonly gpu: number;
  readonly cpu: number;
}

export class RuntimeLog {
  /** The last split reported since it was set to null; null where the GPU takes everything. */
  split: OperatorSplit | null = null;
  #lines: string[] = [];
  #inSplit = false;

  /** Keeps a printed text unless it is harmless. Arrow function: it is handed out as a callback. */
  readonly write = (text: unknown): void => {
    const line = String(text).trim();
    if (line === '' || HARMLESS.test(line)) return;
    if (SPLIT_STARTS.test(line)) this.#inSplit = true;
    if (this.#inSplit) this.#readSplit(line);
    else if (this.#lines.length < LIMIT) this.#lines.push(line);
  };

  #readSplit(line: string): void {
    const ends = SPLIT_ENDS.exec(line);
    if (ends === null) return;
    this.#inSplit = false;
    this.split = { gpu: ends[1] === 'No' ? 0 : Number(ends[1]), cpu: Number(ends[2]) };
  }

  get hasErrors(): boolean {
    return this.#lines.some((line) => ERROR.test(line));
  }

  /** The lines kept since the last call. */
  take(): readonly string[] {
    this.#inSplit = false;
    if (this.#lines.length === 0) return NONE;
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }
}
