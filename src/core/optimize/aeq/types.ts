/**
 * The recipe format of ai-edge-quantizer: a list of entries, each with a regular expression, an operation, an algorithm
 * and a configuration. Source: its `qtyping.py`, `recipe_manager.py`, `default_policy.py` and `algorithm_manager.py`.
 */

export const granularities = [
  'TENSORWISE',
  'CHANNELWISE',
  'BLOCKWISE_32',
  'BLOCKWISE_64',
  'BLOCKWISE_128',
  'BLOCKWISE_256',
] as const;
export type AeqGranularity = (typeof granularities)[number];

export const algorithms = [
  'no_quantize',
  'min_max_uniform_quantize',
  'float_casting',
  'dequantized_weight_recovery',
  'OCTAV',
  'HADAMARD_ROTATION',
  'DECOMPOSED_HADAMARD_ROTATION',
  'MSE',
  'GPTQ',
  'OSCAR',
] as const;
export type AeqAlgorithm = (typeof algorithms)[number];

export interface AeqTensorConfig {
  readonly num_bits: number;
  readonly symmetric: boolean;
  readonly granularity: AeqGranularity;
  readonly dtype: 'INT' | 'UINT' | 'FLOAT';
  readonly algorithm_params?: object;
}

export interface AeqConfig {
  /** Absent: activations stay float. */
  readonly activation_tensor_config?: AeqTensorConfig;
  readonly weight_tensor_config: AeqTensorConfig;
  readonly compute_precision: 'INTEGER' | 'FLOAT';
  readonly explicit_dequantize: boolean;
  /** Takes the entry for operators that it is not known to suit. */
  readonly skip_checks: boolean;
  /** Weights with fewer elements stay float. */
  readonly min_weight_elements: number;
}

export interface AeqEntry {
  /** A Python regular expression, searched in the names of an operator's outputs, each with `;` behind it. */
  readonly regex: string;
  /** `*`, `INPUT`, `OUTPUT` or one of `operationNames`. */
  readonly operation: string;
  readonly algorithm_key: AeqAlgorithm;
  /** Absent for `no_quantize` only. */
  readonly op_config?: AeqConfig;
}

/** Operations that have another name than the operator kind of the schema. */
const renamed: Readonly<Record<string, string>> = { CONV_2D_TRANSPOSE: 'TRANSPOSE_CONV' };

/** Every operation that stands for an operator kind; `STABLEHLO_COMPOSITE` is quantized for some composites only. */
export const operationNames: readonly string[] = [
  ...['FULLY_CONNECTED', 'BATCH_MATMUL', 'DEPTHWISE_CONV_2D', 'CONV_2D', 'CONV_2D_TRANSPOSE'],
  ...['AVERAGE_POOL_2D', 'RESHAPE', 'EMBEDDING_LOOKUP', 'SOFTMAX', 'TANH', 'TRANSPOSE', 'GELU', 'ADD'],
  ...['SUB', 'MUL', 'MEAN', 'RSQRT', 'CONCATENATION', 'STRIDED_SLICE', 'SPLIT', 'LOGISTIC', 'SLICE'],
  ...['SUM', 'SELECT', 'SELECT_V2', 'DYNAMIC_UPDATE_SLICE', 'STABLEHLO_COMPOSITE', 'PAD'],
  ...['SQUARED_DIFFERENCE', 'MAX_POOL_2D', 'RESIZE_BILINEAR', 'RESIZE_NEAREST_NEIGHBOR', 'GATHER_ND'],
  ...['PACK', 'UNPACK', 'DIV', 'BROADCAST_TO', 'SQRT', 'GATHER', 'HARD_SWISH', 'MAXIMUM', 'PADV2'],
  ...['REDUCE_MIN', 'EQUAL', 'NOT_EQUAL', 'MIRROR_PAD', 'SPACE_TO_DEPTH', 'RELU'],
];

/** The operator kind of the schema for one of `operationNames`. */
export function kindOfOperation(operation: string): string {
  return renamed[operation] ?? operation;
}

/** The operation for an operator kind of the schema, or null where ai-edge-quantizer has none. */
export function operationOfKind(kind: string): string | null {
  return operationNames.find((operation) => kindOfOperation(operation) === kind) ?? null;
}

/** Kinds whose weights ai-edge-quantizer quantizes; for all others it looks at activations only. */
export const weightKinds = [
  'FULLY_CONNECTED',
  'CONV_2D',
  'DEPTHWISE_CONV_2D',
  'TRANSPOSE_CONV',
  'BATCH_MATMUL',
  'EMBEDDING_LOOKUP',
] as const;
export type WeightKind = (typeof weightKinds)[number];

export function isWeightKind(kind: string): kind is WeightKind {
  return (weightKinds as readonly string[]).includes(kind);
}

export type AeqMode = 'static' | 'dynamic' | 'weight-only';

/**
 * Kinds with weights that a mode takes, by bits of the weights; `blocks`: with one scale for every so many inputs. Every
 * kind without weights is taken by `static`, whatever the bits.
 */
export const modeKinds: Readonly<Record<string, readonly WeightKind[]>> = {
  'static 8': ['FULLY_CONNECTED', 'CONV_2D', 'DEPTHWISE_CONV_2D', 'TRANSPOSE_CONV', 'BATCH_MATMUL'],
  'static 4': ['FULLY_CONNECTED', 'CONV_2D'],
  'dynamic 8': weightKinds,
  'dynamic 4': ['FULLY_CONNECTED', 'CONV_2D', 'EMBEDDING_LOOKUP'],
  'dynamic 2': ['FULLY_CONNECTED', 'CONV_2D', 'EMBEDDING_LOOKUP'],
  'dynamic 4 blocks': ['FULLY_CONNECTED', 'EMBEDDING_LOOKUP'],
  'dynamic 2 blocks': ['FULLY_CONNECTED'],
  'weight-only 8': weightKinds,
  'weight-only 4': ['FULLY_CONNECTED', 'CONV_2D', 'BATCH_MATMUL', 'EMBEDDING_LOOKUP'],
};

/** Kinds that are quantized with 8-bit activations only. */
export const notInt16: readonly string[] = ['HARD_SWISH', 'SQUARED_DIFFERENCE', 'SPACE_TO_DEPTH'];

const hadamardKinds: readonly WeightKind[] = ['FULLY_CONNECTED', 'EMBEDDING_LOOKUP'];

/** Kinds that an algorithm is made for; those not named here are made for all. */
export const algorithmKinds: Readonly<Partial<Record<AeqAlgorithm, readonly WeightKind[]>>> = {
  float_casting: [
    ...(['FULLY_CONNECTED', 'CONV_2D', 'DEPTHWISE_CONV_2D'] as const),
    ...(['TRANSPOSE_CONV', 'EMBEDDING_LOOKUP'] as const),
  ],
  dequantized_weight_recovery: ['FULLY_CONNECTED', 'CONV_2D', 'EMBEDDING_LOOKUP'],
  HADAMARD_ROTATION: hadamardKinds,
  DECOMPOSED_HADAMARD_ROTATION: hadamardKinds,
  MSE: [
    ...(['FULLY_CONNECTED', 'CONV_2D', 'DEPTHWISE_CONV_2D'] as const),
    ...(['TRANSPOSE_CONV', 'EMBEDDING_LOOKUP'] as const),
  ],
  GPTQ: ['FULLY_CONNECTED'],
  OSCAR: ['FULLY_CONNECTED'],
};
