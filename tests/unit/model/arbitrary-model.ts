/** Random models for property tests: any table of the schema, put together to a model that can be written. */
import fc from 'fast-check';
import { zipSync } from 'fflate';
import {
  enumStorage,
  enumValues,
  tables,
  unionMembers,
  type EnumName,
  type Field,
  type Table,
  type TableName,
  type UnionName,
} from '../../../src/core/model/schema';
import type { Model, ModelBuffer, Operator, SignatureDef, Subgraph } from '../../../src/core/model/types';

const text = fc.string({ unit: 'binary', maxLength: 12 });
const bytes = fc.uint8Array({ maxLength: 40 });

const numbers = {
  int8: fc.integer({ min: -128, max: 127 }),
  uint8: fc.integer({ min: 0, max: 255 }),
  int16: fc.integer({ min: -32768, max: 32767 }),
  uint16: fc.integer({ min: 0, max: 65535 }),
  int32: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  uint32: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  uint64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  float32: fc.float(),
  float64: fc.double(),
};

const vectors = {
  bool: fc.uint8Array({ max: 1, maxLength: 6 }),
  int8: fc.int8Array({ maxLength: 6 }),
  uint8: bytes,
  int16: fc.int16Array({ maxLength: 6 }),
  uint16: fc.uint16Array({ maxLength: 6 }),
  int32: fc.int32Array({ maxLength: 6 }),
  uint32: fc.uint32Array({ maxLength: 6 }),
  int64: fc.bigInt64Array({ maxLength: 6 }),
  uint64: fc.bigUint64Array({ maxLength: 6 }),
  float32: fc.float32Array({ maxLength: 6 }),
  float64: fc.float64Array({ maxLength: 6 }),
};

function orNull<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.option(arbitrary, { nil: null, freq: 3 });
}

function enumName(of: string): fc.Arbitrary<string> {
  const names = Object.keys(enumValues[of as EnumName]);
  const unknown = enumStorage[of as EnumName] === 'int8' ? 'UNKNOWN_-77' : 'UNKNOWN_4321';
  return fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...names) },
    { weight: 1, arbitrary: fc.constant(unknown) },
  );
}

function fieldValue(field: Field): fc.Arbitrary<unknown> {
  switch (field.kind) {
    case 'scalar':
      return numbers[field.storage];
    case 'bool':
      return fc.boolean();
    case 'enumeration':
      return enumName(field.of);
    case 'vector':
      return orNull<unknown>(vectors[field.storage]);
    case 'enums':
      return orNull(fc.array(enumName(field.of), { maxLength: 4 }));
    case 'string':
      return orNull(text);
    case 'strings':
      return orNull(fc.array(text, { maxLength: 3 }));
    case 'table':
      return orNull(anyTable(field.of as TableName));
    case 'tables':
      return orNull(fc.array(anyTable(field.of as TableName), { maxLength: 3 }));
    case 'union':
      return orNull(
        fc
          .constantFrom(...(unionMembers[field.of as UnionName] as readonly TableName[]))
          .chain((type) => anyTable(type).map((value) => ({ type, value }))),
      );
  }
}

/** A table with a random value in every field. */
export function anyTable<T extends TableName>(name: T): fc.Arbitrary<Table<T>> {
  const fields = Object.entries(tables[name] as Record<string, Field>);
  const record = fc.record(
    Object.fromEntries(fields.map(([key, field]) => [key, fc.constant(field).chain(fieldValue)])),
  );
  return record as unknown as fc.Arbitrary<Table<T>>;
}

const indexes = fc.int32Array({ maxLength: 4 });

const operator: fc.Arbitrary<Operator> = fc
  .tuple(anyTable('Operator'), indexes, indexes, orNull(bytes))
  .map(([table, inputs, outputs, largeCustomOptions]) => {
    const operator = { ...table, inputs, outputs, largeCustomOptions };
    // In the model, these two are the view `largeCustomOptions`.
    Reflect.deleteProperty(operator, 'largeCustomOptionsOffset');
    Reflect.deleteProperty(operator, 'largeCustomOptionsSize');
    return operator;
  });

const subgraph: fc.Arbitrary<Subgraph> = fc
  .tuple(
    orNull(text),
    fc.integer({ min: -1, max: 99 }),
    fc.array(anyTable('Tensor'), { maxLength: 4 }),
    indexes,
    indexes,
    fc.array(operator, { maxLength: 4 }),
  )
  .map(([name, debugMetadataIndex, tensors, inputs, outputs, operators]) => ({
    name,
    debugMetadataIndex,
    tensors,
    inputs,
    outputs,
    operators,
  }));

const buffer: fc.Arbitrary<ModelBuffer> = fc.oneof(
  fc.constant<ModelBuffer>({ data: null, outside: false }),
  fc
    .uint8Array({ maxLength: 3000, size: 'max' })
    .chain((data) => fc.boolean().map((outside) => ({ data, outside }))),
);

const signature: fc.Arbitrary<SignatureDef> = fc
  .tuple(
    anyTable('SignatureDef'),
    fc.array(anyTable('TensorMap'), { maxLength: 3 }),
    fc.array(anyTable('TensorMap'), { maxLength: 3 }),
  )
  .map(([rest, inputs, outputs]) => ({ ...rest, inputs, outputs }));

const archive = fc
  .dictionary(fc.stringMatching(/^[a-z]{1,8}\.txt$/), bytes, { minKeys: 1, maxKeys: 3 })
  .map((files) => zipSync({ ...files }, { mtime: '2001-01-01' }));

/** A model that the writer takes; it need not make sense as a graph. */
export const anyModel: fc.Arbitrary<Model> = fc
  .tuple(
    anyTable('Model'),
    fc.array(anyTable('OperatorCode'), { maxLength: 3 }),
    fc.array(subgraph, { maxLength: 3 }),
    fc.array(buffer, { maxLength: 4 }),
    orNull(fc.array(signature, { maxLength: 2 })),
    orNull(archive),
  )
  .map(([rest, operatorCodes, subgraphs, buffers, signatureDefs, zip]) => ({
    ...rest,
    operatorCodes,
    subgraphs,
    buffers,
    signatureDefs,
    archive: zip,
  }));
