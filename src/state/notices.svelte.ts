/** What the page has to say: notices that stay until dismissed, and short words for screen readers. */
import { ModelError } from '../core/errors';
import { formatBytes } from '../core/format';

export interface Message {
  readonly id: number;
  readonly tone: 'info' | 'warn' | 'bad';
  readonly title: string;
  readonly detail: string | null;
  /** It goes by itself. */
  readonly isPassing: boolean;
}

/** An error as a notice: what it is, and where. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const parts = [error.message];
  if (error instanceof ModelError) {
    if (error.where !== null) parts.push(`Place: ${error.where}.`);
    if (error.byteOffset !== null && error.byteOffset > 0)
      parts.push(`At byte ${error.byteOffset.toLocaleString('en')}.`);
  }
  if (error.name === 'QuotaExceededError') parts.push('The browser has no room left for this page.');
  return parts.join(' ');
}

/** `digits.tflite (98.4 KiB)`. */
export function describeFile(file: File): string {
  return `${file.name} (${formatBytes(file.size)})`;
}

export class Notices {
  #messages = $state.raw<readonly Message[]>([]);
  #announcement = $state('');
  #nextId = 0;

  get messages(): readonly Message[] {
    return this.#messages;
  }
  /** The last thing said to screen readers. */
  get announcement(): string {
    return this.#announcement;
  }

  /**
   * Shows a notice and returns its id; one that says the same is replaced. What only informs goes by itself, as does what is
   * told elsewhere on the page too.
   */
  add(
    tone: Message['tone'],
    title: string,
    detail: string | null = null,
    isPassing = tone === 'info',
  ): number {
    const id = this.#nextId++;
    const same = this.#messages.filter((message) => message.title !== title || message.detail !== detail);
    this.#messages = [...same.slice(-3), { id, tone, title, detail, isPassing }];
    return id;
  }

  /** Shows an error; `what` is what could not be done, `broken.tflite was not opened`. */
  fail(what: string, error: unknown): void {
    this.add('bad', what, describeError(error));
  }

  dismiss(id: number): void {
    this.#messages = this.#messages.filter((message) => message.id !== id);
  }

  announce(text: string): void {
    // The same words twice would not be spoken again without a difference.
    this.#announcement = text === this.#announcement ? `${text}\u200b` : text;
  }
}
