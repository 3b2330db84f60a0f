/** Entries of an ai-edge-quantizer recipe, checked: errors name the entry, the field and what is allowed. */
import { ModelError } from '../../errors';
import { didYouMean, show } from '../recipe';
import { fromPython, matchesEverything } from './regex';
import {
  type AeqAlgorithm,
  type AeqConfig,
  type AeqGranularity,
  type AeqMode,
  type AeqTensorConfig,
  algorithms,
  granularities,
  operationNames,
} from './types';

/** An entry in which the regular expression is JavaScript's, and absent fields have their presets. */
export interface ReadEntry {
  /** Number in the file, from 1. */
  readonly number: number;
  /** The expression as it stands in the file. */
  readonly regex: string;
  /** For `RegExp`, searched in one name; null: every name. */
  readonly name: string | null;
  /** It wants an end where ai-edge-quantizer always sees a `;`. */
  readonly endsInName: boolean;
  readonly operation: string;
  readonly algorithm: AeqAlgorithm;
  /** Null for `no_quantize`. */
  readonly config: AeqConfig | null;
}

/**
 * Reads the entries.
 * @throws ModelError `bad-recipe`
 */
export function readEntries(json: unknown): readonly ReadEntry[] {
  if (!Array.isArray(json) || json.length === 0) {
    fail('An ai-edge-quantizer recipe must be a list with at least one entry.');
  }
  return json.map((entry: unknown, index) => readEntry(entry, index + 1));
}

/** How the weights and activations of a configuration are used; null for combinations that do nothing. */
export function modeOf(config: AeqConfig): AeqMode | null {
  const { compute_precision: precision, explicit_dequantize: isDequantized } = config;
  if (precision === 'FLOAT') {
    return isDequantized && !config.activation_tensor_config ? 'weight-only' : null;
  }
  if (isDequantized) return null;
  return config.activation_tensor_config ? 'static' : 'dynamic';
}

function readEntry(json: unknown, number: number): ReadEntry {
  const place = `Entry ${number}`;
  const source = objectAt(json, place, ['regex', 'operation', 'algorithm_key', 'op_config']);
  const { regex, operation, algorithm_key: key } = source;
  if (typeof regex !== 'string') fail(`${place}: "regex" must be a text, such as ".*" for every operator.`);
  const converted = fromPython(regex);
  if ('reason' in converted) {
    fail(`${place}: "regex" is ${show(regex)}, which cannot be used here: ${converted.reason}.`);
  }
  const operations = ['*', 'INPUT', 'OUTPUT', 'CUSTOM_OP', ...operationNames];
  if (typeof operation !== 'string' || !operations.includes(operation)) {
    fail(
      `${place}: "operation" is ${show(operation)}, but must be *, INPUT, OUTPUT or an operation that ai-edge-quantizer knows, such as CONV_2D.${didYouMean(operation, operations)}`,
    );
  }
  const algorithm = choiceAt(key, `${place}: "algorithm_key"`, algorithms);
  const isLeft = algorithm === 'no_quantize';
  return {
    number,
    regex,
    name: matchesEverything(converted.source) ? null : converted.source,
    endsInName: converted.endsInName,
    operation,
    algorithm,
    config: isLeft ? null : readConfig(source.op_config, place, algorithm),
  };
}

function readConfig(json: unknown, entry: string, algorithm: AeqAlgorithm): AeqConfig {
  const place = `${entry}: "op_config"`;
  const source = objectAt(json, place, [
    'activation_tensor_config',
    'weight_tensor_config',
    'compute_precision',
    'explicit_dequantize',
    'skip_checks',
    'min_weight_elements',
  ]);
  const isFloat = algorithm === 'float_casting';
  const weights = readTensor(
    source.weight_tensor_config,
    `${entry}: "weight_tensor_config"`,
    isFloat ? [16] : [8, 4, 2],
    isFloat ? ['FLOAT'] : ['INT'],
  );
  const activations =
    source.activation_tensor_config === undefined || source.activation_tensor_config === null
      ? null
      : readTensor(
          source.activation_tensor_config,
          `${entry}: "activation_tensor_config"`,
          [8, 16],
          ['INT', 'UINT'],
        );
  const precision = choiceAt(source.compute_precision ?? 'FLOAT', `${entry}: "compute_precision"`, [
    'INTEGER',
    'FLOAT',
  ] as const);
  if (activations && (isFloat || precision === 'FLOAT')) {
    fail(
      isFloat
        ? `${entry}: "activation_tensor_config" must be left out beside "algorithm_key" float_casting, whose activations stay float.`
        : `${entry}: "compute_precision" is "FLOAT", but must be INTEGER where there is an "activation_tensor_config".`,
    );
  }
  if (isFloat && precision !== 'FLOAT') {
    fail(
      `${entry}: "compute_precision" is "INTEGER", but must be FLOAT beside "algorithm_key" float_casting.`,
    );
  }
  const least = source.min_weight_elements ?? 0;
  if (!Number.isSafeInteger(least) || Number(least) < 0 || Number(least) > 1e9) {
    fail(
      `${entry}: "min_weight_elements" is ${show(least)}, but must be a whole number from 0 to 1000000000.`,
    );
  }
  return {
    ...(activations ? { activation_tensor_config: activations } : {}),
    weight_tensor_config: weights,
    compute_precision: precision,
    explicit_dequantize: booleanAt(source.explicit_dequantize, `${entry}: "explicit_dequantize"`, false),
    skip_checks: booleanAt(source.skip_checks, `${entry}: "skip_checks"`, false),
    min_weight_elements: Number(least),
  };
}

function readTensor(
  json: unknown,
  place: string,
  bits: readonly number[],
  dtypes: readonly AeqTensorConfig['dtype'][],
): AeqTensorConfig {
  const source = objectAt(json, place, [
    ...['num_bits', 'symmetric', 'granularity', 'dtype', 'algorithm_params'],
    'block_size', // how older versions said BLOCKWISE
  ]);
  const { num_bits: count, block_size: block = 0, algorithm_params: parameters } = source;
  if (typeof count !== 'number' || !bits.includes(count)) {
    fail(`${place}: "num_bits" is ${show(count)}, but must be ${wordsOf(bits)}.`);
  }
  const fromBlock = granularities.find((known) => known === `BLOCKWISE_${String(block)}`);
  if (block !== 0 && fromBlock === undefined) {
    fail(`${place}: "block_size" is ${show(block)}, but must be 0, 32, 64, 128 or 256.`);
  }
  const granularity: AeqGranularity =
    fromBlock ?? choiceAt(source.granularity ?? 'TENSORWISE', `${place}: "granularity"`, granularities);
  if (parameters !== undefined && (typeof parameters !== 'object' || parameters === null)) {
    fail(`${place}: "algorithm_params" must be an object.`);
  }
  return {
    num_bits: count,
    symmetric: booleanAt(source.symmetric, `${place}: "symmetric"`, true),
    granularity,
    dtype: choiceAt(source.dtype ?? 'INT', `${place}: "dtype"`, dtypes),
    ...(parameters ? { algorithm_params: parameters } : {}),
  };
}

function objectAt(json: unknown, place: string, known: readonly string[]): Record<string, unknown> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    const missing = json === undefined ? ' is missing; it' : '';
    fail(`${place}${missing} must be an object with ${known.join(', ')}.`);
  }
  for (const key of Object.keys(json)) {
    if (!known.includes(key)) {
      fail(
        `${place} has an unknown field "${key}".${didYouMean(key, known)} Known there: ${known.join(', ')}.`,
      );
    }
  }
  return json as Record<string, unknown>;
}

function choiceAt<T extends string>(value: unknown, place: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  return fail(`${place} is ${show(value)}, but must be ${wordsOf(choices)}.${didYouMean(value, choices)}`);
}

function booleanAt(value: unknown, place: string, preset: boolean): boolean {
  if (value === undefined) return preset;
  return typeof value === 'boolean' ? value : fail(`${place} is ${show(value)}, but must be true or false.`);
}

/** `a, b or c`. */
function wordsOf(values: readonly (string | number)[]): string {
  if (values.length === 1) return String(values[0]);
  return `${values.slice(0, -1).join(', ')} or ${values.at(-1)!}`;
}

function fail(message: string): never {
  throw new ModelError('bad-recipe', message);
}
