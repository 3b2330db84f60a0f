import { join } from 'node:path';
import { createFeeder, isSameInput } from '../../core/data/feed';
import { readNpy, writeNpy } from '../../core/data/npy';
import { formatScaleRule } from '../../core/data/scale';
import type { Dataset } from '../../core/data/types';
import { findNonFinite } from '../../core/data/values';
import { ModelError } from '../../core/errors';
import { plural } from '../../core/format';
import { resolveScaleRule } from '../../core/measure/resolve-scale';
import { openModel } from '../../core/model/open';
import type { TensorData, TensorInfo } from '../../core/tensor-data';
import type { Interpreter } from '../../engines/interpreter';
import { loadLitertInNode } from '../../engines/litert/node';
import { UsageError } from '../command';
import type { Command } from '../command';
import { readBytes, readModelFile, scaleOption, writeBytes } from '../files';
import { scaleHelp } from '../measure';
import { joinSamples } from '../outputs';
import { alignRows } from '../text';

export const runCommand: Command = {
  name: 'run',
  summary: 'Runs a model on arrays and writes its outputs as .npy files.',
  usage: 'run MODEL --input X.npy --out DIR [--scale RULE] [--signature KEY] [--json]',
  details: `X.npy holds samples, [N, …], or one input in exactly the model's shape. Outputs are written as the model gives
them (not dequantized): output_0.npy, output_1.npy, …, with N as first dimension where there are several samples.`,
  options: [
    {
      name: 'input',
      value: '[NAME=]X.npy',
      multiple: true,
      help: 'Values of an input; once for each, in order or by name.',
    },
    { name: 'out', value: 'DIR', help: 'Folder for the outputs; made when it is not there.' },
    scaleHelp,
    { name: 'signature', value: 'KEY', help: 'Signature to run (preset: the main one).' },
  ],
  models: [1, 1],
  async run(input) {
    if (input.all('input').length === 0) throw new UsageError('The option --input is missing.');
    const out = input.required('out');
    const scale = scaleOption(input);
    const model = await readModelFile(input.models[0]!);
    const rule = resolveScaleRule(scale, openModel(model.bytes).model);
    const arrays = [];
    for (const given of input.all('input')) arrays.push(await readInput(given));
    const engine = await loadLitertInNode();
    try {
      const interpreter = await engine.createInterpreter(model.bytes, {
        signature: input.text('signature'),
        accelerator: 'wasm',
      });
      const dataset = toDataset(arrays, interpreter.inputs);
      const feeder = createFeeder(dataset, interpreter.inputs, rule);
      const results: TensorData[][] = [];
      for (let sample = 0; sample < dataset.sampleCount; sample++) {
        input.progress(sample, dataset.sampleCount, 'Running samples');
        results.push(await interpreter.run(feeder.feed(sample)));
      }
      const outputs = await writeOutputs(out, interpreter, results);
      return {
        json: {
          name: model.name,
          samples: dataset.sampleCount,
          scale: formatScaleRule(scale),
          engine: interpreter.engine,
          backend: interpreter.backend,
          outputs,
          notes: feeder.notes,
        },
        text: [
          alignRows(
            outputs.map(({ file, name, dtype, shape }) => [file, name, dtype, `[${shape.join(', ')}]`]),
          ),
          ...feeder.notes,
        ].join('\n'),
      };
    } finally {
      engine.dispose();
    }
  },
};

interface NamedArray {
  readonly name: string | null;
  readonly tensor: TensorData;
}

async function readInput(given: string): Promise<NamedArray> {
  const split = /^([^=\\/]+)=(.+)$/.exec(given);
  const path = split?.[2] ?? given;
  const tensor = readNpy(await readBytes(path, 'bad-data', 'The input'), path);
  if (findNonFinite(tensor) >= 0)
    throw new ModelError('bad-data', `${path} holds NaN or infinity; replace or remove such values.`);
  return { name: split?.[1] ?? null, tensor };
}

function checkInputs(arrays: readonly NamedArray[], inputs: readonly TensorInfo[]): void {
  const names = inputs.map(({ name }) => name).join(', ');
  const stranger = arrays.find(
    ({ name }) => name !== null && !inputs.some((info) => isSameInput(info.name, name)),
  );
  if (stranger)
    throw new ModelError('bad-data', `The model has no input "${stranger.name!}"; it takes ${names}.`);
  if (arrays.length !== inputs.length)
    throw new ModelError(
      'bad-data',
      `The model takes ${plural(inputs.length, 'input')} (${names}), not ${arrays.length}; give --input once for each.`,
    );
}

/** Arrays in exactly the shapes that the model takes are one sample; else their first dimension counts samples. */
function toDataset(arrays: readonly NamedArray[], inputs: readonly TensorInfo[]): Dataset {
  checkInputs(arrays, inputs);
  const isOne = arrays.every(({ tensor, name }, i) => {
    const info = inputs.find((candidate) => name !== null && isSameInput(candidate.name, name)) ?? inputs[i]!;
    const { shape } = tensor;
    return shape.length === info.shape.length && shape.every((size, n) => size === info.shape[n]);
  });
  const tensors = arrays.map(({ tensor }) => (isOne ? { ...tensor, shape: [1, ...tensor.shape] } : tensor));
  const counts = new Set(tensors.map(({ shape }) => shape[0]));
  if (counts.size !== 1 || counts.has(undefined) || counts.has(0))
    throw new ModelError(
      'bad-data',
      `The inputs have ${[...counts].map((count) => String(count ?? 'no')).join(' and ')} samples; every input needs the same number, at least one.`,
    );
  return {
    name: 'inputs',
    inputs: tensors,
    inputNames: arrays.map(({ name }) => name),
    sampleCount: tensors[0]!.shape[0]!,
    labels: null,
    classNames: null,
    isRandom: false,
  };
}

interface WrittenOutput {
  readonly name: string;
  readonly file: string;
  readonly dtype: string;
  readonly shape: readonly number[];
}

async function writeOutputs(
  folder: string,
  { outputs }: Interpreter,
  results: readonly (readonly TensorData[])[],
): Promise<WrittenOutput[]> {
  const written: WrittenOutput[] = [];
  for (const [i, info] of outputs.entries()) {
    const tensor = joinSamples(results.map((result) => result[i]!));
    const file = join(folder, `output_${i}.npy`);
    await writeBytes(file, writeNpy(tensor));
    written.push({ name: info.name, file, dtype: tensor.dtype.toLowerCase(), shape: tensor.shape });
  }
  return written;
}
