/** Control flow, variables and tables. What other subgraphs compute is not counted here: see measure/cost. */
import { activation, define, fromShape, index, parameter, state, unknownShapes, versions } from './define';
import type { KnownBuiltin, OpSpec } from './spec';

/** Calls other subgraphs with whatever they take and give. */
function caller(facts: Partial<OpSpec> = {}): OpSpec {
  return define({
    category: 'control',
    inputs: [activation()],
    variadicInputs: true,
    variadicOutputs: true,
    shapes: unknownShapes,
    versions: anyType,
    ...facts,
  });
}

const anyType = versions({
  1: ['FLOAT32', 'FLOAT16', 'INT8', 'UINT8', 'INT16', 'INT32', 'INT64', 'BOOL', 'STRING', 'RESOURCE'],
});
const stored = versions({ 1: ['FLOAT32', 'FLOAT64', 'INT8', 'UINT8', 'INT16', 'INT32', 'INT64', 'BOOL'] });
const hashed = versions({ 1: ['INT64', 'STRING'] });

export const control = {
  CALL: caller({ versions: {} }),
  CALL_ONCE: define({ category: 'control', inputs: [], outputs: [], shapes: unknownShapes }),
  IF: caller({ inputs: [index('condition'), activation()] }),
  WHILE: caller(),
  STABLEHLO_WHILE: caller({ versions: {} }),
  STABLEHLO_CASE: caller({ inputs: [index('branch'), activation()] }),
  STABLEHLO_COMPOSITE: caller(),
  // A piece of graph that a delegate took over; exists in memory only.
  DELEGATE: caller({ versions: {} }),

  VAR_HANDLE: define({
    category: 'control',
    inputs: [],
    outputs: ['resource'],
    shapes: unknownShapes,
    versions: versions({ 1: ['RESOURCE'] }),
  }),
  READ_VARIABLE: define({
    category: 'control',
    inputs: [state('resource')],
    outputs: ['value'],
    shapes: unknownShapes,
    quantization: { kind: 'same-scale' },
    versions: stored,
  }),
  ASSIGN_VARIABLE: define({
    category: 'control',
    inputs: [state('resource'), activation('value')],
    outputs: [],
    shapes: unknownShapes,
    quantization: { kind: 'same-scale' },
    versions: stored,
  }),
  HASHTABLE: define({
    category: 'control',
    inputs: [],
    outputs: ['resource'],
    shapes: unknownShapes,
    versions: hashed,
  }),
  HASHTABLE_FIND: define({
    category: 'control',
    inputs: [state('resource'), index('keys'), parameter('defaultValue')],
    outputs: ['values'],
    shapes: fromShape(1, (shape) => shape),
    versions: hashed,
  }),
  HASHTABLE_IMPORT: define({
    category: 'control',
    inputs: [state('resource'), parameter('keys'), parameter('values')],
    outputs: [],
    shapes: unknownShapes,
    versions: hashed,
  }),
  HASHTABLE_SIZE: define({
    category: 'control',
    inputs: [state('resource')],
    outputs: ['size'],
    shapes: (view) => view.outputs.map(() => [1]),
    versions: hashed,
  }),
} satisfies Partial<Record<KnownBuiltin, OpSpec>>;
