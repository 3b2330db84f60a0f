/** The options of a step for one kind of operators as a configuration of ai-edge-quantizer. */
import { textOption } from '../options';
import { takesInt4 } from '../quantize/integer/decide';
import type { Options } from '../types';
import type { SchemePass } from './schemes';
import { takesBlocks, takesHybridInt4 } from './schemes';
import {
  type AeqAlgorithm,
  type AeqConfig,
  type AeqEntry,
  type AeqMode,
  type AeqTensorConfig,
  algorithmKinds,
  isWeightKind,
  modeKinds,
  notInt16,
} from './types';

/** What operators get; null: they stay float. */
export type Wanted = {
  /** Null: float_casting. */
  readonly mode: AeqMode | null;
  /** `int8`, `int16`, `uint8`, or `float32` where activations stay float. */
  readonly activations: string;
  readonly entry: Required<Pick<AeqEntry, 'algorithm_key' | 'op_config'>>;
} | null;

/**
 * What `options` of a step (presets among them) come to for operators of a kind; `kind` null: for those without weights.
 * Null where ai-edge-quantizer or the step does not take the kind. `notes` name, in whole sentences, what it has to leave out.
 */
export function configFor(
  pass: SchemePass,
  options: Options,
  kind: string | null,
): { readonly wanted: Wanted; readonly notes: readonly string[] } {
  if (pass === 'integer') return staticFor(options, kind);
  if (kind === null || !isWeightKind(kind)) return { wanted: null, notes: [] };
  const least = Number(options.minElements);
  if (pass === 'float16') {
    if (!algorithmKinds.float_casting!.includes(kind)) return { wanted: null, notes: [] };
    const note = 'float_casting takes weights of every size, whatever "min_weight_elements" says.';
    return { wanted: floatCasting(least), notes: least > 0 ? [note] : [] };
  }
  if (pass === 'dynamic-range' && kind === 'DEPTHWISE_CONV_2D' && options.depthwise !== true) {
    return { wanted: null, notes: [] };
  }
  const notes: string[] = [];
  const mode = pass === 'dynamic-range' ? 'dynamic' : 'weight-only';
  const isInt4 = options.weights === 'int4' && (mode === 'weight-only' || takesHybridInt4(kind));
  const hasInt4 = modeKinds[`${mode} 4`]!.includes(kind);
  if (isInt4 && !hasInt4) notes.push(`${kind} gets int8 weights: ai-edge-quantizer has no int4 ones for it.`);
  const isAsked = isInt4 && hasInt4;
  const block = isAsked && takesBlocks(kind) ? (options.blockSize ?? 'none') : 'none';
  if (options.asymmetricInputs === false)
    notes.push('Symmetric inputs of dynamic-range are left out: ai-edge-quantizer has no choice there.');
  const { algorithm, note } = isAsked ? algorithmFor(options, kind) : plain;
  return {
    wanted: {
      mode,
      activations: 'float32',
      entry: {
        algorithm_key: algorithm,
        op_config: {
          weight_tensor_config: tensor(
            isAsked ? 4 : 8,
            block === 'none'
              ? granularityOf(options)
              : (`BLOCKWISE_${String(block)}` as AeqTensorConfig['granularity']),
          ),
          compute_precision: mode === 'dynamic' ? 'INTEGER' : 'FLOAT',
          explicit_dequantize: mode === 'weight-only',
          skip_checks: false,
          min_weight_elements: least,
        },
      },
    },
    notes: note === null ? notes : [...notes, note],
  };
}

function staticFor(options: Options, kind: string | null): ReturnType<typeof configFor> {
  const activations = textOption(options, 'activations');
  const isWeighty = kind !== null && isWeightKind(kind);
  const isTaken = !isWeighty || modeKinds['static 8']!.includes(kind);
  if (!isTaken || (activations === 'int16' && kind !== null && notInt16.includes(kind)))
    return { wanted: null, notes: [] };
  const notes: string[] = [];
  const isInt4 = options.weights === 'int4' && (kind === null || takesInt4(kind));
  const hasInt4 = !isWeighty || modeKinds['static 4']!.includes(kind);
  if (isInt4 && !hasInt4) notes.push(`${kind} gets int8 weights: ai-edge-quantizer has no int4 ones for it.`);
  const { algorithm, note } = isWeighty ? algorithmFor(options, kind) : plain;
  if (note !== null) notes.push(note);
  const bits = isInt4 && hasInt4 ? 4 : 8;
  return { wanted: staticEntry(activations, bits, granularityOf(options), algorithm), notes };
}

/** Integers of a type (`int8`, `int16` or `uint8`) for activations, or for an end of the model. */
export function staticEntry(
  activations: string,
  bits: 8 | 4 = 8,
  granularity: AeqTensorConfig['granularity'] = 'CHANNELWISE',
  algorithm: AeqAlgorithm = 'min_max_uniform_quantize',
): NonNullable<Wanted> {
  const config: AeqConfig = {
    activation_tensor_config: {
      num_bits: activations === 'int16' ? 16 : 8,
      symmetric: activations === 'int16',
      granularity: 'TENSORWISE',
      dtype: activations === 'uint8' ? 'UINT' : 'INT',
    },
    weight_tensor_config: tensor(bits, granularity),
    compute_precision: 'INTEGER',
    explicit_dequantize: false,
    skip_checks: false,
    min_weight_elements: 0,
  };
  return { mode: 'static', activations, entry: { algorithm_key: algorithm, op_config: config } };
}

function floatCasting(least: number): Wanted {
  return {
    mode: null,
    activations: 'float32',
    entry: {
      algorithm_key: 'float_casting',
      op_config: {
        weight_tensor_config: {
          num_bits: 16,
          symmetric: true,
          granularity: 'TENSORWISE',
          dtype: 'FLOAT',
        },
        compute_precision: 'FLOAT',
        explicit_dequantize: true,
        skip_checks: false,
        min_weight_elements: least,
      },
    },
  };
}

function tensor(bits: 8 | 4, granularity: AeqTensorConfig['granularity']): AeqTensorConfig {
  return { num_bits: bits, symmetric: true, granularity, dtype: 'INT' };
}

function granularityOf(options: Options): 'TENSORWISE' | 'CHANNELWISE' {
  return textOption(options, 'granularity') === 'tensor' ? 'TENSORWISE' : 'CHANNELWISE';
}

const plain = { algorithm: 'min_max_uniform_quantize', note: null } as const;

/** The algorithm for rounding and clipping; ai-edge-quantizer has one for each operator. */
function algorithmFor(
  options: Options,
  kind: string,
): { readonly algorithm: AeqAlgorithm; readonly note: string | null } {
  const isGptq = options.rounding === 'gptq';
  const clip = options.clip === 'mse' ? 'MSE' : options.clip === 'octav' ? 'OCTAV' : null;
  const isFor = (algorithm: AeqAlgorithm) =>
    algorithmKinds[algorithm]?.some((known) => known === kind) ?? true;
  if (isGptq && isFor('GPTQ')) {
    const note =
      clip === null
        ? null
        : 'Clipping is left out beside GPTQ: ai-edge-quantizer has one algorithm for each operator.';
    return { algorithm: 'GPTQ', note };
  }
  const note = isGptq
    ? 'GPTQ is kept for FULLY_CONNECTED only, the one operation that it is made for there.'
    : null;
  if (clip === null || !isFor(clip)) return { algorithm: 'min_max_uniform_quantize', note };
  return { algorithm: clip, note };
}

/** What an entry for every kind gives to operators of a kind; null: it does not fit them. */
export function givenBy(general: Wanted, kind: string): Wanted {
  if (general === null) return null;
  const { mode, activations, entry } = general;
  const own = algorithmKinds[entry.algorithm_key];
  if (own && !own.some((known) => known === kind)) return null;
  if (!isWeightKind(kind)) {
    const isTaken = mode === 'static' && !(activations === 'int16' && notInt16.includes(kind));
    return isTaken ? general : null;
  }
  if (mode === null) return general;
  const { num_bits: bits, granularity } = entry.op_config.weight_tensor_config;
  const form = `${mode} ${bits}${granularity.startsWith('BLOCKWISE') ? ' blocks' : ''}`;
  return modeKinds[form]?.includes(kind) ? general : null;
}
