/** Asks the runtime which kernels it has. Needs no corpus; it is here because it loads the runtime 400 times. */
import { describe, expect, it } from 'vitest';
import { ModelError } from '../../src/core/errors';
import { enumValues } from '../../src/core/model/schema';
import type { BuiltinOperator } from '../../src/core/model/types';
import { writeModel } from '../../src/core/model/write';
import { CUSTOM_KERNELS, KERNEL_VERSIONS } from '../../src/engines/litert/kernels';
import { nodeLoader } from '../../src/engines/litert/node';
import { Runtime } from '../../src/engines/litert/runtime';
import { BareModel } from '../support/bare-litert';
import { oneOperator } from '../unit/engines/tiny-models';

const loader = await nodeLoader();

/** What the runtime says to a model of this one operator; it may crash for want of options, which is no matter. */
async function ask(kind: BuiltinOperator, version: number, custom?: string): Promise<string> {
  const runtime = await Runtime.load(loader, 'wasm');
  const operator = custom === undefined ? { kind, version } : { kind, version, custom };
  try {
    const model = await BareModel.load(runtime, writeModel(oneOperator(operator)));
    await model.runChecked([new Uint8Array(16)]);
    return '';
  } catch (error) {
    if (!(error instanceof ModelError)) return '';
    return Array.isArray(error.cause) ? error.cause.join('\n') : error.message;
  } finally {
    runtime.dispose();
  }
}

const names = Object.keys(enumValues.BuiltinOperator) as BuiltinOperator[];

describe('the table of kernels', () => {
  it('names the highest version of every builtin operator', async () => {
    for (const name of names.filter((each) => each !== 'CUSTOM')) {
      const highest = KERNEL_VERSIONS.get(name) ?? 0;
      if (highest > 0) expect(await ask(name, highest), name).not.toContain("Didn't find op");
      expect(await ask(name, highest + 1), name).toContain("Didn't find op");
    }
  });

  it('names the custom operators', async () => {
    const unresolved = 'unresolved custom op';
    for (const custom of CUSTOM_KERNELS) expect(await ask('CUSTOM', 1, custom)).not.toContain(unresolved);
    expect(await ask('CUSTOM', 1, 'Whittle')).toContain(unresolved);
  });
});
