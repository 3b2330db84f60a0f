/** Prints the operator table to docs/ops.md: `npx tsx scripts/print-ops.ts`. */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatDtype } from '../src/core/format';
import { enumValues } from '../src/core/model/schema';
import { families, ops } from '../src/core/ops';
import type { HybridRule, KnownBuiltin, Operand, OpSpec } from '../src/core/ops';

const intro = `# Operators

What Whittle knows about each of the ${Object.keys(ops).length} builtin operators of the TFLite schema. Printed from
\`src/core/ops\` by \`npx tsx scripts/print-ops.ts\`; change the table there, not here.

- **Inputs**: name and role, in order; without a role an activation. A weight's number is the axis along which it may
  have one scale per channel. \`?\` may be left out, \`…\` repeats.
- **Int8**: what full-integer quantization does. _free_: every operand has its own scale. _same_: outputs share the
  scale of the inputs. _fixed_: the output's scale and zero point are prescribed. _index_: quantized inputs, outputs
  are indexes or booleans. _float_: no quantized kernel; it stays float.
- **Hybrid**: inputs that may be int8 while activations are float, and the operator version to write: with one scale
  per tensor / per channel.
- **Versions**: lowest operator version that takes activations of a type. Empty: LiteRT has no kernel for it.
- **MACs**: whether the operator has multiply-accumulates. Elementwise operators, pools, reductions, normalizations and
  movers have none, as they sum up no products.
`.trimEnd();

/** Role behind an operand's name; activations need no word. */
function roleText({ role, channelAxis }: Operand): string {
  if (role === 'activation') return '';
  return channelAxis === null ? ` _${role}_` : ` _${role} ${channelAxis}_`;
}

function inputList({ inputs, variadicInputs }: OpSpec): string {
  if (inputs.length > 12) {
    const roles = [...new Set(inputs.map((input) => input.role))];
    const howMany = (role: Operand['role']) => inputs.filter((input) => input.role === role).length;
    return roles.map((role) => `${howMany(role)} × ${role}`).join(', ');
  }
  const words = inputs.map((input) => `${input.name}${input.optional ? '?' : ''}${roleText(input)}`);
  return words.join(', ') + (variadicInputs ? ' …' : '');
}

function outputList({ outputs, variadicOutputs }: OpSpec): string {
  return outputs.join(', ') + (variadicOutputs ? ' …' : '');
}

function rule({ quantization }: OpSpec): string {
  switch (quantization.kind) {
    case 'fixed-output': {
      const { scale, zeroPoint } = quantization.int8;
      return `fixed 1/${1 / scale}, ${zeroPoint}`;
    }
    case 'same-scale':
      return 'same';
    case 'index-only':
      return 'index';
    case 'float-only':
      return 'float';
    case 'free':
      return 'free';
  }
}

/** Input numbers with runs drawn together: 1–11, 16. */
function ranges(numbers: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const n of numbers) {
    const last = runs.at(-1);
    if (last?.[1] === n - 1) last[1] = n;
    else runs.push([n, n]);
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(', ');
}

function hybridText(hybrid: HybridRule | null): string {
  if (!hybrid) return '';
  const { weightInputs, versionPerTensor, versionPerChannel } = hybrid;
  return `${ranges(weightInputs)}: v${versionPerTensor ?? '–'} / v${versionPerChannel ?? '–'}`;
}

function versionText({ versions }: OpSpec): string {
  const numbers = [...new Set(Object.values(versions) as number[])].sort((a, b) => a - b);
  const typesOf = (number: number) =>
    Object.entries(versions).flatMap(([type, version]) => (version === number ? [formatDtype(type)] : []));
  return numbers.map((number) => `${number}: ${typesOf(number).join(' ')}`).join('; ');
}

/** Operators with a formula of their own; the others share the one that says 0. */
const hasMacs = (spec: OpSpec) => spec.macs !== ops.RELU.macs;

function row(name: KnownBuiltin, spec: OpSpec): string {
  const cells = [
    `${enumValues.BuiltinOperator[name]}`,
    `\`${name}\``,
    inputList(spec),
    outputList(spec),
    rule(spec),
    hybridText(spec.hybrid),
    versionText(spec),
    hasMacs(spec) ? 'yes' : '',
  ];
  return `| ${cells.join(' | ')} |`;
}

/** The page as it should be. */
export function opsMarkdown(): string {
  const parts = [intro];
  for (const [family, rows] of Object.entries(families)) {
    const names = (Object.keys(rows) as KnownBuiltin[]).sort(
      (a, b) => enumValues.BuiltinOperator[a] - enumValues.BuiltinOperator[b],
    );
    parts.push(
      `## ${family[0]!.toUpperCase()}${family.slice(1)}`,
      [
        '| Code | Operator | Inputs | Outputs | Int8 | Hybrid | Versions | MACs |',
        '| ---: | --- | --- | --- | --- | --- | --- | --- |',
        ...names.map((name) => row(name, ops[name])),
      ].join('\n'),
    );
  }
  return `${parts.join('\n\n')}\n`;
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('../docs/ops.md', import.meta.url), opsMarkdown());
}
