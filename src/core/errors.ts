/** Kinds of expected failure. Everything else is a bug. */
export type ErrorCode =
  | 'not-a-model' // the bytes are something else
  | 'broken-model' // a .tflite whose tables do not fit together
  | 'unsupported' // a sound file that this part of Whittle cannot handle
  | 'runtime' // the interpreter refused or failed
  | 'bad-data' // a dataset, a label file or a tensor that does not fit
  | 'bad-recipe' // a recipe that does not validate
  | 'too-large';

/**
 * An expected failure with a sentence for the user: what is wrong, where, and what to do.
 * `where` is a place in the file such as `subgraphs[0].operators[12].inputs[1]`, or null.
 * `byteOffset` is the place in the file in bytes, or null.
 */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  readonly code: ErrorCode;
  readonly where: string | null;
  readonly byteOffset: number | null;

  constructor(
    code: ErrorCode,
    message: string,
    place: { where?: string | null; byteOffset?: number | null; cause?: unknown } = {},
  ) {
    super(message, { cause: place.cause });
    this.code = code;
    this.where = place.where ?? null;
    this.byteOffset = place.byteOffset ?? null;
  }
}

/** Throws when a condition that the code itself guarantees does not hold (a bug, not the user's fault). */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`Internal error: ${message}`);
}
