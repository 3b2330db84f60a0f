/**
 * Errors that cross between the page and its workers. Comlink keeps only name, message and stack; a user needs the
 * kind and the place as well, and cancelling must stay recognisable. Imported on both sides, before `expose`/`wrap`.
 */
import { transferHandlers, type TransferHandler } from 'comlink';
import { ModelError, type ErrorCode } from '../core/errors';

interface WireError {
  readonly isError: true;
  readonly name: string;
  readonly message: string;
  readonly stack: string | null;
  readonly code: ErrorCode | null;
  readonly where: string | null;
  readonly byteOffset: number | null;
}
type WireThrow = WireError | { readonly isError: false; readonly value: unknown };

function toWire(value: unknown): WireThrow {
  if (!(value instanceof Error)) return { isError: false, value };
  const place = value instanceof ModelError ? value : null;
  return {
    isError: true,
    name: value.name,
    message: value.message,
    stack: value.stack ?? null,
    code: place?.code ?? null,
    where: place?.where ?? null,
    byteOffset: place?.byteOffset ?? null,
  };
}

function fromWire(wire: WireThrow): unknown {
  if (!wire.isError) return wire.value;
  const { name, message, stack, code, where, byteOffset } = wire;
  if (code !== null) return new ModelError(code, message, { where, byteOffset });
  if (name === 'AbortError') return new DOMException(message, 'AbortError');
  const error = new Error(message);
  error.name = name;
  if (stack !== null) error.stack = stack;
  return error;
}

let registered = false;

/** Makes comlink carry `ModelError` (code, where, byteOffset) and `AbortError` whole. Call it once on each side. */
export function registerErrors(): void {
  if (registered) return;
  registered = true;
  // Comlink marks what was thrown with a symbol that it does not export; its own handler knows the mark.
  const original = transferHandlers.get('throw') as TransferHandler<{ value: unknown }, unknown>;
  const handler: TransferHandler<{ value: unknown }, WireThrow> = {
    canHandle: (value): value is { value: unknown } => original.canHandle(value),
    serialize: ({ value }) => [toWire(value), []],
    deserialize: (wire) => {
      throw fromWire(wire);
    },
  };
  transferHandlers.set('throw', handler);
}

/** The error that a cancelled call is rejected with. */
export function abortError(): DOMException {
  return new DOMException('Cancelled.', 'AbortError');
}

/** True for the error of a cancelled call. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}
