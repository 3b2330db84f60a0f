import { strToU8, unzipSync, zipSync } from 'fflate';
import fc from 'fast-check';
import { Builder as FlexBuilder } from 'flatbuffers/js/flexbuffers/builder.js';
import { describe, expect, it } from 'vitest';
import { ModelError } from '../../../src/core/errors';
import { encodeRoot } from '../../../src/core/model/codec/encode';
import { makeModel, makeOperator, makeSubgraph } from '../../../src/core/model/edit';
import { customOptionsOf, decodeFlexbuffer } from '../../../src/core/model/flexbuffers';
import { readMetadata } from '../../../src/core/model/metadata';
import { readPackedLines } from '../../../src/core/model/packed-files';
import { readModel } from '../../../src/core/model/read';
import { metadataSchema } from '../../../src/core/model/schema/metadata';
import { makeTable } from '../../../src/core/model/schema/tflite';
import type { Model } from '../../../src/core/model/types';
import { writeModel } from '../../../src/core/model/write';

const packed = zipSync({ 'labels.txt': strToU8('cat\r\ndog\nbird\n\n'), 'vocab.txt': strToU8('a\nb\n') });

/** A model with metadata of these fields. */
function described(fields: object, archive: Uint8Array | null = packed): Model {
  return makeModel({
    buffers: [
      { data: null, outside: false },
      { data: encodeRoot(metadataSchema, 'ModelMetadata', fields, 'M001'), outside: false },
      { data: strToU8('1.14.0\0\0\0\0'), outside: false },
    ],
    metadata: [
      makeTable('Metadata', { name: 'TFLITE_METADATA', buffer: 1 }),
      makeTable('Metadata', { name: 'min_runtime_version', buffer: 2 }),
    ],
    subgraphs: [makeSubgraph({})],
    archive,
  });
}

const labelled = (type: string, name: string) => ({
  name: 'score',
  associatedFiles: [{ name, type }],
  stats: { min: Float32Array.of(0), max: Float32Array.of(1) },
});

describe('readMetadata', () => {
  it('gives texts, normalization, statistics and class names', () => {
    const model = described({
      name: 'Pets',
      author: 'Somebody',
      license: 'Apache-2.0',
      version: 'v2',
      description: ' ',
      subgraphMetadata: [
        {
          inputTensorMetadata: [
            {
              name: 'image',
              content: { contentProperties: { type: 'ImageProperties', value: { colorSpace: 'RGB' } } },
              processUnits: [
                {
                  options: {
                    type: 'NormalizationOptions',
                    value: { mean: Float32Array.of(127.5), std: Float32Array.of(127.5) },
                  },
                },
              ],
            },
          ],
          outputTensorMetadata: [labelled('TENSOR_AXIS_LABELS', 'labels.txt')],
        },
      ],
    });
    const facts = readMetadata(readModel(writeModel(model)).model);
    expect(facts).toMatchObject({
      name: 'Pets',
      author: 'Somebody',
      license: 'Apache-2.0',
      version: 'v2',
      description: null,
      minRuntimeVersion: '1.14.0',
      inputs: [{ name: 'image', content: 'image', normalization: { mean: [127.5], std: [127.5] } }],
      outputs: [{ name: 'score', min: [0], max: [1], files: ['labels.txt'] }],
      packedFiles: [
        { name: 'labels.txt', sizeBytes: 15 },
        { name: 'vocab.txt', sizeBytes: 4 },
      ],
      classNames: ['cat', 'dog', 'bird'],
      findings: [],
    });
  });

  it('finds a label file by name when the metadata says nothing, and no vocabulary', () => {
    expect(readMetadata(described({})).classNames).toEqual(['cat', 'dog', 'bird']);
    expect(readMetadata(described({}, zipSync({ 'vocab.txt': strToU8('a') }))).classNames).toBeNull();
    expect(readMetadata(makeModel({})).packedFiles).toEqual([]);
  });

  it('turns damage into findings', () => {
    const model = described({ name: 'a name' });
    const data = model.buffers[1]!.data!.slice(0, 20);
    const broken = {
      ...model,
      buffers: model.buffers.with(1, { data, outside: false }),
      archive: packed.slice(0, 90),
    };
    const facts = readMetadata(broken);
    expect(facts.findings.map((item) => item.where)).toEqual(['metadata', 'archive']);
    expect(facts.name).toBeNull();
  });
});

describe('the archive', () => {
  const model = described({ name: 'x' });

  it('is readable at the end of the written file by any unzip', () => {
    const bytes = writeModel(model);
    expect(Object.keys(unzipSync(bytes))).toEqual(['labels.txt', 'vocab.txt']);
  });

  it('survives models of another size', () => {
    const larger = {
      ...model,
      buffers: [...model.buffers, { data: new Uint8Array(5000).fill(1), outside: false }],
    };
    const read = readModel(writeModel(larger)).model;
    expect(read.archive).toEqual(packed);
    const again = readModel(writeModel({ ...read, buffers: read.buffers.slice(0, 3) })).model;
    expect(readPackedLines(again, 'vocab.txt')).toEqual(['a', 'b']);
    expect(readPackedLines(again, 'nothing.txt')).toBeNull();
  });

  it('is found when its offsets count from its own start', () => {
    const bytes = writeModel({ ...model, archive: null });
    const file = new Uint8Array(bytes.length + packed.length);
    file.set(bytes);
    file.set(packed, bytes.length);
    expect(readModel(file).model.archive).toEqual(packed);
  });

  it('is not made up from the bytes of a tensor', () => {
    const inside = makeModel({
      buffers: [
        { data: null, outside: false },
        { data: packed, outside: true },
      ],
    });
    expect(readModel(writeModel(inside)).model).toEqual(inside);
  });
});

describe('FlexBuffers', () => {
  /** Bytes of a FlexBuffer, built by the flatbuffers package. */
  function flex(build: (builder: FlexBuilder) => void): Uint8Array {
    const builder = new FlexBuilder();
    build(builder);
    return builder.finish();
  }

  function add(builder: FlexBuilder, value: unknown): void {
    if (Array.isArray(value)) {
      builder.startVector();
      for (const item of value) add(builder, item);
      builder.end();
    } else if (typeof value === 'object' && value !== null) {
      builder.startMap();
      for (const [key, item] of Object.entries(value)) {
        builder.addKey(key);
        add(builder, item);
      }
      builder.end();
    } else builder.add(value);
  }

  it('give strings that are no text as bytes', () => {
    const texts = { plain: 'größer\n\tand 数字', program: '\u0000\u0001code' };
    const decoded = decodeFlexbuffer(
      flex((builder) => {
        add(builder, texts);
      }),
    ) as Record<string, unknown>;
    expect(decoded.plain).toBe(texts.plain);
    expect(decoded.program).toEqual(new TextEncoder().encode(texts.program));
    const broken = flex((builder) => {
      add(builder, { word: 'abc' });
    });
    // No character begins like that.
    broken[broken.indexOf(0x62)] = 0xff;
    expect((decodeFlexbuffer(broken) as Record<string, unknown>).word).toEqual(
      Uint8Array.of(0x61, 0xff, 0x63),
    );
  });

  it('decode any nesting of maps, vectors and values', () => {
    const key = fc.stringMatching(/^[a-z_]{1,8}$/);
    // The builder writes numbers that fit a float32 wrongly next to wider ones, so only others are tried here.
    const double = fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .filter((x) => Math.fround(x) !== x && !Number.isInteger(x));
    const leaf = fc.oneof(
      fc.boolean(),
      fc.integer(),
      fc.string({ maxLength: 20 }),
      fc.constant(null),
      double,
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(key, tie('value'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(key, value, { maxKeys: 5 }), (map) => {
        expect(
          decodeFlexbuffer(
            flex((builder) => {
              add(builder, map);
            }),
          ),
        ).toEqual({ ...map });
      }),
    );
  });

  it('give the options of custom operators, and null for other formats', () => {
    const customOptions = flex((builder) => {
      add(builder, { max_detections: 10, use_regular_nms: false, scale: 0.5 });
    });
    expect(customOptionsOf(makeOperator({ customOptions }))).toEqual({
      max_detections: 10,
      use_regular_nms: false,
      scale: 0.5,
    });
    expect(customOptionsOf(makeOperator({ customOptions: Uint8Array.of(1, 2, 3, 4) }))).toBeNull();
    expect(customOptionsOf(makeOperator({}))).toBeNull();
  });

  it('never fail but with a ModelError', () => {
    const bytes = flex((builder) => {
      add(builder, { a: [1, 2, 'three', { b: [true, 1.5] }], text: 'hello' });
    });
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.nat(bytes.length), (at, value, length) => {
        const damaged = bytes.slice();
        damaged[at] = value;
        try {
          decodeFlexbuffer(damaged.subarray(0, length));
        } catch (error) {
          expect(error).toBeInstanceOf(ModelError);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
