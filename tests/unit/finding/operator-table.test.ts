import { describe, expect, it } from 'vitest';
import { operatorTable } from '../../../src/core/graph/operator-table';
import { sketchModel } from '../graph/models';

const model = sketchModel({
  tensors: [
    { name: 'image', shape: [1, 8] },
    { name: 'weights', shape: [4, 8], bytes: 128 },
    { name: 'out', shape: [1, 4], type: 'FLOAT32' },
    { name: '', shape: [1, 4], type: 'INT8' },
  ],
  operators: [
    { kind: 'FULLY_CONNECTED', inputs: [0, 1, -1], outputs: [2] },
    { kind: 'CUSTOM', custom: 'MyOp', inputs: [2, 0], outputs: [3, 2] },
    { kind: 'ADD', inputs: [99], outputs: [] },
  ],
});

describe('the operator table', () => {
  it('has a row for each operator, with constants counted as bytes and not as inputs', () => {
    const rows = operatorTable(model, 0);
    expect(rows).toHaveLength(3);
    expect(rows[0]).toEqual({
      ...{ index: 0, kind: 'FULLY_CONNECTED', name: 'out', inputs: '1×8', outputs: '1×4', dtype: 'f32' },
      ...{ bytes: 128, macs: 32 },
    });
    expect(rows[1]).toMatchObject({
      kind: 'MyOp',
      name: '',
      inputs: '1×4, 1×8',
      outputs: '1×4, 1×4',
      bytes: 0,
    });
  });
  it('leaves empty what a broken operator lacks', () => {
    expect(operatorTable(model, 0)[2]).toMatchObject({ name: '', inputs: '', outputs: '', dtype: '' });
  });
  it('says when there is no such subgraph', () => {
    expect(() => operatorTable(model, 5)).toThrow(/^Subgraph 5 does not exist/);
  });
});
