/** What a command of the command line is, and reading its arguments. */
import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';

/** Wrong usage: exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface OptionHelp {
  readonly name: string;
  /** Word for the value in the help text; null for a switch. */
  readonly value: string | null;
  readonly multiple?: boolean;
  readonly help: string;
}

export interface CommandInput {
  readonly models: readonly string[];
  /** Value of an option, or null. */
  text(name: string): string | null;
  /** Values of an option that may be given several times. */
  all(name: string): readonly string[];
  /** Value of an option that must be there. */
  required(name: string): string;
  /** A whole number from `min` up, or the preset. */
  whole(name: string, preset: number, min: number): number;
  /** Called with what is going on, for a person who waits. */
  readonly progress: (done: number, total: number, label: string) => void;
}

export interface CommandResult {
  /** What `--json` prints. */
  readonly json: object;
  /** What a person reads. */
  readonly text: string;
  /** Set when the work failed although there is something to print. */
  readonly failure?: string;
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly usage: string;
  readonly details: string;
  readonly options: readonly OptionHelp[];
  /** Fewest and most positional arguments. */
  readonly models: readonly [number, number];
  run(input: CommandInput): Promise<CommandResult>;
}

const common: readonly OptionHelp[] = [
  { name: 'json', value: null, help: 'Print one JSON document instead of text.' },
  { name: 'help', value: null, help: 'Print this help.' },
];

export interface ParsedCommand {
  readonly input: CommandInput;
  readonly json: boolean;
  readonly help: boolean;
}

/**
 * Reads the arguments of a command.
 * @throws UsageError for unknown options, missing values and a wrong number of models
 */
export function parseCommand(
  command: Command,
  args: readonly string[],
  progress: CommandInput['progress'],
): ParsedCommand {
  const options: NonNullable<ParseArgsConfig['options']> = {};
  for (const { name, value, multiple } of [...command.options, ...common])
    options[name] = { type: value === null ? 'boolean' : 'string', multiple: multiple ?? false };
  options.help = { type: 'boolean', short: 'h' };
  let parsed;
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(shorten((error as Error).message));
  }
  const values = parsed.values as Readonly<Record<string, string | boolean | string[] | undefined>>;
  const help = values.help === true;
  const [fewest, most] = command.models;
  const given = parsed.positionals.length;
  if (!help && given < fewest)
    throw new UsageError(fewest === 1 ? 'Name the model file.' : `Name at least ${fewest} model files.`);
  if (!help && given > most)
    throw new UsageError(
      `${most === 1 ? 'One model file is' : 'Two model files are'} enough; "${parsed.positionals[most]!}" is one too many.`,
    );

  const all = (name: string): readonly string[] => {
    const value = values[name];
    if (value === undefined || typeof value === 'boolean') return [];
    return typeof value === 'string' ? [value] : value;
  };
  const text = (name: string) => all(name)[0] ?? null;
  return {
    json: values.json === true,
    help,
    input: {
      models: parsed.positionals,
      progress,
      all,
      text,
      required: (name) => {
        const value = text(name);
        if (value === null || value === '') throw new UsageError(`The option --${name} is missing.`);
        return value;
      },
      whole: (name, preset, min) => {
        const value = text(name);
        if (value === null) return preset;
        if (!/^\d{1,9}$/.test(value) || Number(value) < min)
          throw new UsageError(`--${name} needs a whole number from ${min} up, not "${value}".`);
        return Number(value);
      },
    },
  };
}

/** Usage, options and details of a command. */
export function describeCommand(command: Command): string {
  const options = [...command.options, ...common].map(({ name, value, help }) => ({
    left: `--${name}${value === null ? '' : ` ${value}`}`,
    help,
  }));
  const width = Math.max(...options.map(({ left }) => left.length));
  const lines = options.map(({ left, help }) => `  ${left.padEnd(width)}  ${help}`);
  return `${command.summary}\n\nUsage: whittle ${command.usage}\n\nOptions:\n${lines.join('\n')}\n${
    command.details === '' ? '' : `\n${command.details}\n`
  }`;
}

/** Node's message without its hint on how to escape. */
function shorten(message: string): string {
  const sentence = message.split('. To specify')[0]!.split('\n')[0]!;
  return sentence.endsWith('.') ? sentence : `${sentence}.`;
}
