/** From what the runtime prints and throws to one sentence that names the operator. */
import { ModelError } from '../../core/errors';

const FAILED_OPERATOR = /Node number (\d+) \(([^)]+)\) failed to (prepare|invoke)/;
const UNKNOWN_OPERATOR = /Encountered unresolved custom op: (.+?)\.?$/;
const MISSING_KERNEL = /Didn't find op for builtin opcode '(\w+)'/;
/** The runtime allots outputs before it runs, so it cannot hand out one whose size shows only then. */
const OPEN_OUTPUT = /Failed to set custom allocation for output tensor (.+) \(index -?\d+\)/;
/** Lines that only say that an inner call failed. */
const OUTER = /^(Failed to (allocate tensors|invoke|load model from buffer)|See instructions)/;

export interface Failure {
  /** Operator kind as printed, e.g. `TRANSPOSE_CONV`, or null when no line names one. */
  readonly operator: string | null;
  /** Index of the operator in its subgraph after delegation, or null. */
  readonly index: number | null;
  /** The first line that gives a reason, cleaned; null when there is none. */
  readonly reason: string | null;
  /** Name of an output whose sizes depend on values, or null. */
  readonly openOutput: string | null;
}

/** Reads the operator and the reason out of printed lines. */
export function parseFailure(lines: readonly string[]): Failure {
  let operator: string | null = null;
  let index: number | null = null;
  let reason: string | null = null;
  let openOutput: string | null = null;
  for (const line of lines) {
    const failed = FAILED_OPERATOR.exec(line);
    const unknown = UNKNOWN_OPERATOR.exec(line) ?? MISSING_KERNEL.exec(line);
    if (failed) {
      index ??= Number(failed[1]);
      operator ??= failed[2]!;
    } else if (unknown) {
      operator ??= unknown[1]!;
    }
    openOutput ??= OPEN_OUTPUT.exec(line)?.[1] ?? null;
    const text = cleanLine(line);
    if (!failed && text !== '' && !OUTER.test(text)) reason ??= text;
  }
  return { operator, index, reason, openOutput };
}

/** A printed line without its severity and without places in the runtime's own sources. */
function cleanLine(line: string): string {
  return line
    .replace(/^[└\s]*/, '')
    .replace(/^(ERROR|FATAL):\s*/, '')
    .replace(/^\[[^\]]*\.(cc|h)\s*:\s*\d+\]\s*/, '')
    .replace(/^RAW:\s*/, '')
    .replace(/^\S*\.(cc|h):\d+\s*/, '')
    .trim();
}

/**
 * A `ModelError` with code `runtime`: `summary`, then the operator and the reason as far as the runtime gave them.
 * `summary` is a full sentence.
 */
export function runtimeError(summary: string, lines: readonly string[], cause: unknown): ModelError {
  const thrown =
    cause instanceof Error ? cause.message.split('\n') : typeof cause === 'string' ? [cause] : [];
  const failure = parseFailure([...lines, ...thrown]);
  const parts = [summary];
  if (failure.openOutput !== null) {
    parts.push(
      `The shape of its ${failure.openOutput} depends on the values fed, which LiteRT cannot hand out.`,
    );
    return new ModelError('runtime', parts.join(' '), { cause: cause ?? lines });
  }
  if (failure.operator !== null && failure.index !== null) {
    parts.push(`Operator ${failure.index} (${failure.operator}) failed.`);
  } else if (failure.operator !== null) {
    parts.push(`Operator ${failure.operator} failed.`);
  }
  if (cause instanceof WebAssembly.RuntimeError) parts.push('The runtime stopped in the middle.');
  if (failure.reason !== null) parts.push(`LiteRT says: ${endSentence(failure.reason)}`);
  return new ModelError('runtime', parts.join(' '), { cause: cause ?? lines });
}

function endSentence(text: string): string {
  const short = text.length > 240 ? `${text.slice(0, 240)}…` : text;
  return /[.!?…]$/.test(short) ? short : `${short}.`;
}
