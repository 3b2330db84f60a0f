/** Entry of `npm run whittle`. */
import { writeSync } from 'node:fs';
import { runCommandLine } from './cli';

// A reader that has seen enough (`… | head`) closes the pipe: nothing is wrong then.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });

const shown = process.stderr.isTTY;
let shownAt = 0;

process.exitCode = await runCommandLine(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  progress: shown
    ? (text) => {
        // Straight to the terminal: a stream would hold the lines back while the runtime works.
        if (text !== '' && Date.now() - shownAt < 100) return;
        shownAt = Date.now();
        writeSync(2, `\r\u001b[K${text}`);
      }
    : null,
});
