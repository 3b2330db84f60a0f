/** One entry of ai-edge-quantizer as a step of Whittle's for some kinds of operators, and which options matter for which kind. */
import { specOf } from '../../ops';
import { passes } from '../passes';
import { presetOptions } from '../options';
import { takesInt4 } from '../quantize/integer/decide';
import type { Options, OptionValue } from '../types';
import { modeOf, type ReadEntry } from './read-entries';
import {
  type AeqConfig,
  algorithmKinds,
  isWeightKind,
  kindOfOperation,
  modeKinds,
  notInt16,
  weightKinds,
} from './types';

/** The quantizing passes in the order in which their steps run: what one took, the next leaves. */
export const schemePasses = ['integer', 'dynamic-range', 'weight-only', 'float16'] as const;
export type SchemePass = (typeof schemePasses)[number];

/** A pass and what an entry says about its options, presets among them; null: the operator stays float. */
export type Scheme = { readonly pass: SchemePass; readonly options: Options } | null;

/** A scheme for the operators with a name, of some kinds. Of the rules that hold for an operator the last counts. */
export interface Rule {
  /** For `RegExp`; null: every name. */
  readonly name: string | null;
  /** Only these kinds; null: all but `except`. */
  readonly kinds: readonly string[] | null;
  readonly except: readonly string[];
  readonly scheme: Scheme;
}

/** Whether the rule speaks of operators of a kind; `kind` null: of those that nothing names. */
export function speaksOf({ kinds, except }: Rule, kind: string | null): boolean {
  if (kind === null) return kinds === null;
  return kinds === null ? !except.includes(kind) : kinds.includes(kind);
}

/**
 * The rule of an entry, and what there is to say about it; rule null: no operator gets anything by it. `hasStatic`: some
 * entry of the recipe quantizes activations, so that entries for weights must leave operators without weights alone.
 */
export function ruleOf(
  entry: ReadEntry,
  hasStatic: boolean,
): { readonly rule: Rule | null; readonly notes: readonly string[] } {
  const { number, name, operation, config } = entry;
  const place = `Entry ${number}`;
  const kind = operation === '*' ? null : kindOfOperation(operation);
  if (operation === 'CUSTOM_OP') {
    return { rule: null, notes: [`${place} has no effect: custom operators are never quantized.`] };
  }
  const only = kind === null ? null : [kind];
  if (config === null) return { rule: { name, kinds: only, except: [], scheme: null }, notes: [] };
  const scheme = schemeOf(entry, config);
  if (scheme === null) {
    const why = `"compute_precision" ${config.compute_precision} with "explicit_dequantize" ${String(config.explicit_dequantize)} quantizes nothing`;
    return { rule: null, notes: [`${place} has no effect: ${why}.`] };
  }
  const notes = notesOf(entry, config, scheme.pass);
  const reach = reachOf(entry, config, hasStatic);
  if (kind === null) {
    if (reach.kinds?.length !== 0) return { rule: { name, ...reach, scheme }, notes };
    const words = `ai-edge-quantizer quantizes no operator with ${describeConfig(entry, config)}`;
    return { rule: null, notes: [`${place} has no effect: ${words}.`] };
  }
  const rule = { name, kinds: only, except: [], scheme };
  if (speaksOf({ ...rule, ...reach }, kind)) return { rule, notes };
  const refusal = `ai-edge-quantizer takes no ${describeConfig(entry, config)} for ${operation}`;
  if (canTake(scheme, kind)) return { rule, notes: [...notes, `${place}: ${refusal}; here it is done.`] };
  return { rule: null, notes: [`${place} has no effect: ${refusal}.`] };
}

function schemeOf({ algorithm }: ReadEntry, config: AeqConfig): Scheme {
  const { weight_tensor_config: weights, min_weight_elements: minElements } = config;
  if (algorithm === 'float_casting') return { pass: 'float16', options: { minElements } };
  const mode = modeOf(config);
  if (mode === null) return null;
  const bits = weights.num_bits === 8 ? 'int8' : 'int4';
  const [, block] = weights.granularity.split('_');
  const shared = {
    weights: bits,
    granularity: weights.granularity === 'TENSORWISE' ? 'tensor' : 'channel',
    clip: clipOf(algorithm),
  };
  switch (mode) {
    case 'static': {
      const activations = config.activation_tensor_config!.num_bits === 16 ? 'int16' : 'int8';
      const rounding = algorithm === 'GPTQ' ? 'gptq' : 'nearest';
      return { pass: 'integer', options: { activations, ...shared, rounding } };
    }
    case 'dynamic':
      return {
        pass: 'dynamic-range',
        options: { ...shared, blockSize: block ?? 'none', minElements, depthwise: true },
      };
    case 'weight-only':
      return { pass: 'weight-only', options: { ...shared, minElements } };
  }
}

function clipOf(algorithm: ReadEntry['algorithm']): string {
  switch (algorithm) {
    case 'OCTAV':
    case 'HADAMARD_ROTATION':
    case 'DECOMPOSED_HADAMARD_ROTATION':
      return 'octav';
    case 'MSE':
    case 'OSCAR':
    case 'dequantized_weight_recovery': // the grid is tried where clipping is
      return 'mse';
    default:
      return 'none';
  }
}

/** The kinds for which ai-edge-quantizer takes the configuration. */
function reachOf(entry: ReadEntry, config: AeqConfig, hasStatic: boolean): Pick<Rule, 'kinds' | 'except'> {
  const own = algorithmKinds[entry.algorithm];
  const isStatic = entry.algorithm !== 'float_casting' && modeOf(config) === 'static';
  const allowed = (own ?? weightKinds).filter(
    (kind) => config.skip_checks || policyOf(entry, config).includes(kind),
  );
  const isLimited = own !== undefined && entry.algorithm !== 'float_casting';
  if (isLimited || (!isStatic && (hasStatic || allowed.length === 0))) return { kinds: allowed, except: [] };
  const except: string[] = weightKinds.filter((kind) => !allowed.includes(kind));
  if (!isStatic) return { kinds: null, except };
  const { num_bits: bits, granularity, dtype, symmetric } = config.activation_tensor_config!;
  // Such activations are for the ends of the model only, or for nothing.
  const isKnown = granularity === 'TENSORWISE' && dtype === 'INT' && (bits === 8 || symmetric);
  if (!isKnown && !config.skip_checks) return { kinds: [], except: [] };
  if (bits === 16 && !config.skip_checks) except.push(...notInt16);
  return { kinds: null, except };
}

function policyOf({ algorithm }: ReadEntry, config: AeqConfig): readonly string[] {
  if (algorithm === 'float_casting') return weightKinds;
  const { num_bits: bits, granularity, symmetric } = config.weight_tensor_config;
  const mode = modeOf(config)!;
  if (!symmetric && mode !== 'weight-only') return [];
  return modeKinds[`${mode} ${bits}${granularity.startsWith('BLOCKWISE') ? ' blocks' : ''}`] ?? [];
}

/** What is read otherwise than it stands there. */
function notesOf({ number, algorithm }: ReadEntry, config: AeqConfig, pass: SchemePass): string[] {
  const { weight_tensor_config: weights, activation_tensor_config: activations } = config;
  const isSimple = pass !== 'integer';
  const notes: string[] = [];
  const ifWider = isSimple && weights.num_bits === 8;
  switch (algorithm) {
    case 'OCTAV':
    case 'MSE':
      if (ifWider) notes.push(`${algorithm} clips int4 weights only beside float activations, these not`);
      break;
    case 'GPTQ':
      if (isSimple) notes.push('beside float activations weights are rounded to the nearest, not by GPTQ');
      break;
    case 'HADAMARD_ROTATION':
    case 'DECOMPOSED_HADAMARD_ROTATION':
      notes.push(
        ifWider
          ? 'weights are not rotated here, but rounded as they are'
          : 'weights are not rotated here, but clipped by OCTAV, as they are there after the rotation',
      );
      break;
    case 'OSCAR':
      notes.push(
        ifWider
          ? 'OSCAR does not exist here; weights are rounded to the nearest'
          : 'OSCAR does not exist here; weights are clipped where that lowers the squared error',
      );
      break;
    case 'dequantized_weight_recovery':
      notes.push(
        ifWider
          ? 'the grid of weights is not looked for beside float activations; they are rounded to the nearest'
          : 'weights get their old grid back where they lie on one, and are clipped where that lowers the squared error elsewhere',
      );
      break;
    default:
  }
  if (weights.num_bits === 2) notes.push('2-bit weights become int4');
  if (weights.granularity.startsWith('BLOCKWISE') && pass !== 'dynamic-range')
    notes.push(`${weights.granularity} becomes one scale per channel`);
  if (!weights.symmetric && algorithm !== 'float_casting') notes.push('weights are symmetric here');
  if (activations?.num_bits === 8 && activations.symmetric)
    notes.push('int8 activations are asymmetric here');
  if (pass === 'float16' && config.min_weight_elements > 0)
    notes.push(
      `weights with fewer than ${config.min_weight_elements} elements stay float32 here; float_casting takes them all in ai-edge-quantizer`,
    );
  if (pass === 'integer' && config.min_weight_elements > 0)
    notes.push('"min_weight_elements" has no counterpart where activations are integers, and is left out');
  return notes.map((note) => `Entry ${number}: ${note}.`);
}

function describeConfig({ algorithm }: ReadEntry, config: AeqConfig): string {
  const { num_bits: bits, granularity, symmetric } = config.weight_tensor_config;
  if (algorithm === 'float_casting') return 'float_casting';
  const form = symmetric ? '' : 'asymmetric ';
  const by = algorithm === 'min_max_uniform_quantize' ? '' : `${algorithm} and `;
  const activations = config.activation_tensor_config;
  const beside = activations
    ? ` beside ${activations.symmetric ? '' : 'asymmetric '}${activations.granularity} ${activations.dtype}${activations.num_bits} activations`
    : '';
  return `${by}${modeOf(config)!} ${form}${bits}-bit ${granularity} weights${beside}`;
}

/** Whether the pass of a scheme has a way to take operators of a kind. */
function canTake(scheme: Scheme, kind: string): boolean {
  if (scheme === null) return true;
  const spec = specOf(kind);
  if (scheme.pass !== 'integer') return isWeightKind(kind);
  if (!spec || spec.quantization.kind === 'float-only') return false;
  return spec.versions[scheme.options.activations === 'int16' ? 'INT16' : 'INT8'] !== undefined;
}

/** Whether a pass takes operators of a kind (null: of any) under some options. */
export function mayTake(pass: SchemePass, kind: string | null): boolean {
  return kind === null || canTake({ pass, options: {} }, kind);
}

const withInt4: ReadonlySet<string> = new Set(['CONV_2D', 'FULLY_CONNECTED', 'EMBEDDING_LOOKUP']);
const withBlocks: ReadonlySet<string> = new Set(['FULLY_CONNECTED', 'EMBEDDING_LOOKUP']);

/** Whether a kind has a kernel that takes int4 weights beside float activations. */
export function takesHybridInt4(kind: string): boolean {
  return withInt4.has(kind);
}

/** Whether that kernel takes a scale for each block of inputs. */
export function takesBlocks(kind: string): boolean {
  return withBlocks.has(kind);
}

/**
 * What a scheme comes to for a kind: options that change nothing there have their presets, and null stands for a pass that
 * cannot take it. `kind` null: operators that nothing names, of which some have weights.
 */
export function effectOn(scheme: Scheme, kind: string | null): Scheme {
  if (scheme === null || (kind !== null && !canTake(scheme, kind))) return null;
  const idle = new Set<string>();
  const { pass, options } = scheme;
  if (kind !== null && !isWeightKind(kind)) {
    for (const key of Object.keys(options)) if (key !== 'activations') idle.add(key);
  }
  if (pass === 'integer') {
    if (kind !== null && !takesInt4(kind)) idle.add('weights');
  } else if (pass !== 'float16') {
    if (pass === 'dynamic-range' && kind !== null) {
      if (!takesHybridInt4(kind)) idle.add('weights');
      if (!takesBlocks(kind)) idle.add('blockSize');
      if (kind !== 'DEPTHWISE_CONV_2D') idle.add('depthwise');
    }
    if (options.weights === 'int8' || idle.has('weights'))
      for (const key of ['clip', 'blockSize']) idle.add(key);
  }
  const presets = presetOptions(passes[pass]!);
  const entries = Object.entries(options).map(([key, value]): [string, OptionValue] => [
    key,
    idle.has(key) ? presets[key]! : value,
  ]);
  return { pass, options: Object.fromEntries(entries) };
}
