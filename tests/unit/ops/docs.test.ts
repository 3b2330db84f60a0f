import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { opsMarkdown } from '../../../scripts/print-ops';

it('docs/ops.md is what the table says (else run npx tsx scripts/print-ops.ts)', () => {
  const page = readFileSync(new URL('../../../docs/ops.md', import.meta.url), 'utf8');
  expect(page).toBe(opsMarkdown());
});
