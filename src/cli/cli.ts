/** The command line without the process: arguments in, text and an exit status out. */
import { ModelError } from '../core/errors';
import { describeCommand, parseCommand, UsageError } from './command';
import type { Command } from './command';
import { compareCommand } from './commands/compare';
import { debugCommand } from './commands/debug';
import { diffCommand } from './commands/diff';
import { evaluateCommand } from './commands/evaluate';
import { exportCommand } from './commands/export';
import { inspectCommand } from './commands/inspect';
import { lintCommand } from './commands/lint';
import { optimizeCommand } from './commands/optimize';
import { recipeCommand } from './commands/recipe';
import { runCommand } from './commands/run';
import { searchCommand } from './commands/search';
import { tensorCommand } from './commands/tensor';

export interface Streams {
  out(text: string): void;
  err(text: string): void;
  /** Shows a passing line to a person, or null where nobody waits. */
  readonly progress: ((text: string) => void) | null;
}

const commands: readonly Command[] = [
  inspectCommand,
  tensorCommand,
  diffCommand,
  exportCommand,
  lintCommand,
  optimizeCommand,
  recipeCommand,
  debugCommand,
  runCommand,
  evaluateCommand,
  compareCommand,
  searchCommand,
];

/** Exit status: 0 fine, 1 the work failed, 2 wrong usage. Messages go to `err`, results to `out`. */
export async function runCommandLine(args: readonly string[], streams: Streams): Promise<0 | 1 | 2> {
  const [word, ...rest] = args;
  if (word === undefined || word === '--help' || word === '-h' || word === 'help') {
    const asked = word === 'help' ? commands.find(({ name }) => name === rest[0]) : undefined;
    const text = asked ? describeCommand(asked) : describeAll();
    if (word !== undefined) {
      streams.out(text);
      return 0;
    }
    streams.err(text);
    return 2;
  }
  const command = commands.find(({ name }) => name === word);
  if (!command) {
    const names = commands.map(({ name }) => name).join(', ');
    streams.err(`whittle: There is no command "${word}"; use one of ${names}.\n`);
    return 2;
  }
  try {
    const { input, json, help } = parseCommand(command, rest, (done, total, label) =>
      streams.progress?.(total > 0 ? `${label} ${Math.floor((done / total) * 100)} %` : label),
    );
    if (help) {
      streams.out(describeCommand(command));
      return 0;
    }
    const result = await command.run(input);
    streams.progress?.('');
    streams.out(json ? `${JSON.stringify(result.json, null, 2)}\n` : plainText(result.text));
    if (result.failure === undefined) return 0;
    streams.err(`whittle ${command.name}: ${result.failure}\n`);
    return 1;
  } catch (error) {
    streams.progress?.('');
    if (error instanceof UsageError) {
      streams.err(
        `whittle ${command.name}: ${error.message}\nUsage: whittle ${command.usage}\n` +
          `Try "whittle ${command.name} --help".\n`,
      );
      return 2;
    }
    streams.err(`whittle ${command.name}: ${describeError(error)}\n`);
    return 1;
  }
}

/** One sentence for what was expected to go wrong; the whole stack for a bug. */
function describeError(error: unknown): string {
  if (error instanceof ModelError) {
    const { where, message } = error;
    return where === null || message.includes(where) ? message : `${message.replace(/\.$/, '')} (${where}).`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function describeAll(): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `Whittle makes TensorFlow Lite models smaller and measures what that does.

Usage: whittle COMMAND …

Commands:
${lines.join('\n')}

"whittle COMMAND --help" says more. Exit status: 0 fine, 1 the work failed, 2 wrong usage.
`;
}

/** Text for a terminal: with ordinary spaces, which `grep` finds, and a line end. */
function plainText(text: string): string {
  const plain = text.replaceAll('\u00a0', ' ');
  return plain.endsWith('\n') ? plain : `${plain}\n`;
}
