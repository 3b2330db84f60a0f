/**
 * What kernels demand of the numbers in a file of integer operators, said once more without the product's own tables: rules by
 * hand from TensorFlow Lite's 8-bit quantization specification.
 */
import { operatorName } from '../../../src/core/model/operators';
import { scaleInfo } from '../../../src/core/model/tensors';
import type { Model, Operator, Tensor } from '../../../src/core/model/types';

/** Operators whose integer kernels do not rescale: all data that they read and write have one scale and zero point. */
const ONE_SCALE: ReadonlySet<string> = new Set([
  ...['RESHAPE', 'PAD', 'TRANSPOSE', 'SPLIT', 'CONCATENATION'],
  ...['MAX_POOL_2D', 'AVERAGE_POOL_2D', 'MAXIMUM', 'MINIMUM'],
]);
/** Scale and zero point that a kernel prescribes for its output. */
const PRESCRIBED: Readonly<Record<string, Readonly<Partial<Record<string, string>>>>> = {
  LOGISTIC: { INT8: `${1 / 256} -128`, INT16: `${1 / 32768} 0` },
  TANH: { INT8: `${1 / 128} 0`, INT16: `${1 / 32768} 0` },
};
const WITH_WEIGHTS: ReadonlySet<string> = new Set(['CONV_2D', 'DEPTHWISE_CONV_2D', 'FULLY_CONNECTED']);
const CONVERTERS: ReadonlySet<string> = new Set(['QUANTIZE', 'DEQUANTIZE']);
const BOUNDS: Readonly<Partial<Record<string, number>>> = { INT8: 128, INT16: 32768 };

/**
 * What is wrong with a model that was quantized whole, a few words for each fault; empty for a sound one. Knows the operators
 * of the random graphs.
 */
export function faultsOf(model: Model): string[] {
  const { tensors, operators } = model.subgraphs[0]!;
  const ofOperators = operators.flatMap((operator, index) => {
    const kind = operatorName(model, operator);
    return faultsOfOperator(kind, operator, tensors).map((words) => `${kind} ${index} ${words}`);
  });
  return [...tensors.flatMap(faultsOfTensor), ...ofOperators];
}

function faultsOfTensor(tensor: Tensor): string[] {
  const bound = BOUNDS[tensor.type];
  if (bound === undefined) return [];
  const { scale = [], zeroPoint = [] } = scaleInfo(tensor) ?? {};
  const faults: string[] = [];
  if (scale.length === 0 || !scale.every((one) => one > 0 && Number.isFinite(one))) faults.push('no scale');
  if (!zeroPoint.every((zero) => zero >= -bound && zero < bound)) faults.push('a zero point out of bounds');
  if (tensor.type === 'INT16' && zeroPoint.some((zero) => zero !== 0))
    faults.push('int16 around another zero');
  return faults.map((words) => `${tensor.name} has ${words}`);
}

function faultsOfOperator(kind: string, { inputs, outputs }: Operator, tensors: readonly Tensor[]): string[] {
  const faults: string[] = [];
  const [read, written] = [inputs, outputs].map((list) =>
    Array.from(list).flatMap((tensor) => (tensor < 0 ? [] : [tensors[tensor]!])),
  ) as [Tensor[], Tensor[]];
  const all = [...read, ...written];
  if (!CONVERTERS.has(kind) && all.some(({ type }) => type === 'FLOAT32')) faults.push('has floats');
  if (ONE_SCALE.has(kind)) {
    const forms = new Set(
      all.filter(({ type }) => type in BOUNDS).map((one) => `${one.type} ${formOf(one)}`),
    );
    if (forms.size !== 1) faults.push(`has ${forms.size} scales`);
  }
  for (const output of written) {
    const prescribed = PRESCRIBED[kind]?.[output.type];
    if (prescribed !== undefined && formOf(output) !== prescribed) faults.push(`has scale ${formOf(output)}`);
  }
  return WITH_WEIGHTS.has(kind) ? [...faults, ...faultsOfLayer(read)] : faults;
}

/** Bias scale = input scale * weight scale in float32, all around zero, 32 bits beside int8 and 64 beside int16. */
function faultsOfLayer([data, weights, bias]: readonly Tensor[]): string[] {
  const faults: string[] = [];
  const own = scaleInfo(weights!)!;
  if (own.zeroPoint.some((zero) => zero !== 0)) faults.push('has weights around another zero');
  if (!bias) return faults;
  const { scale, zeroPoint } = scaleInfo(bias)!;
  const wanted = own.scale.map((one) => Math.fround(one * scaleInfo(data!)!.scale[0]!));
  if (scale.join() !== wanted.join()) faults.push('has a bias of another scale');
  if (zeroPoint.some((zero) => zero !== 0)) faults.push('has a bias around another zero');
  if (bias.type !== (data!.type === 'INT16' ? 'INT64' : 'INT32')) faults.push(`has a bias of ${bias.type}`);
  return faults;
}

function formOf(tensor: Tensor): string {
  const { scale, zeroPoint } = scaleInfo(tensor)!;
  return `${scale.join()} ${zeroPoint.join()}`;
}
