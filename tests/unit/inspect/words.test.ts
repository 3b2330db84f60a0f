import { describe, expect, it } from 'vitest';
import { headingOf } from '../../../src/ui/charts/chart';
import { spellShapes } from '../../../src/views/inspector/quantization';
import { signatureName } from '../../../src/views/inspector/signature-names';

describe('words of the inspector', () => {
  it('give a shape as the graph does, and what stands in the file where sizes are free', () => {
    const fixed = { shape: [1, 4], shapeText: '1×4', shapeSignature: null };
    expect(spellShapes(fixed)).toBe('1×4');
    expect(spellShapes({ ...fixed, shapeSignature: [1, 4] })).toBe('1×4');
    expect(spellShapes({ ...fixed, shapeText: '?×4', shapeSignature: [-1, 4] })).toBe(
      '?×4 (1×4 in the file)',
    );
    expect(spellShapes({ shape: [], shapeText: 'unknown shape', shapeSignature: null })).toBe(
      'unknown shape',
    );
  });

  it('call inputs and outputs as the first signature of their subgraph that names them', () => {
    const named = (subgraph: number, name: string, tensor: number) => ({
      ...{ key: 'serve', subgraph, inputs: [{ name, tensor }], outputs: [{ name: '', tensor: 9 }] },
    });
    const summary = { signatures: [named(1, 'other', 3), named(0, '', 3), named(0, 'image', 3)] };
    expect(signatureName(summary, 0, 'inputs', 3)).toBe('image');
    expect(signatureName(summary, 1, 'inputs', 3)).toBe('other');
    expect(signatureName(summary, 0, 'inputs', 4)).toBeNull();
    expect(signatureName(summary, 0, 'outputs', 9)).toBeNull();
  });

  it('cut the label of a heading at its end, before its figure', () => {
    expect(headingOf('CONV_2D', '3.25 KiB', 20)).toBe('CONV_2D 3.25 KiB');
    expect(headingOf('DEPTHWISE_CONV_2D', '3.25 KiB', 20)).toBe('DEPTHWISE_… 3.25 KiB');
    expect(headingOf('DEPTHWISE_CONV_2D', '3.25 KiB', 10)).toBe('DEPTHWISE…');
    expect(headingOf('ADD', '816 B', 9)).toBe('ADD 816 B');
    expect(headingOf('CONV_2D', '3.25 KiB', 2)).toBe('');
    for (let room = 0; room < 30; room++)
      expect(headingOf('DEPTHWISE_CONV_2D', '3.25 KiB', room).length).toBeLessThanOrEqual(room);
  });
});
