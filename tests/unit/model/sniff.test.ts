import { deflateSync, strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { ModelError } from '../../../src/core/errors';
import { makeModel, makeSubgraph } from '../../../src/core/model/edit';
import { openModel } from '../../../src/core/model/open';
import { readModel } from '../../../src/core/model/read';
import { writeModel } from '../../../src/core/model/write';

/** The error of reading these bytes, which must come within a second. */
function refusal(bytes: Uint8Array): ModelError {
  const start = performance.now();
  try {
    openModel(bytes);
  } catch (error) {
    expect(performance.now() - start).toBeLessThan(1000);
    if (error instanceof ModelError) return error;
    throw error;
  }
  throw new Error('The bytes were taken for a model.');
}

const latin1 = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const padded = (text: string, size = 200) => latin1(text.padEnd(size, '\x01'));

/** Pseudo-random bytes, the same in every run. */
function noise(size: number, seed = 1): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

/** A protobuf message: varint fields as numbers, byte fields as texts. */
function protobuf(...fields: readonly (readonly [number, number | string])[]): Uint8Array {
  const bytes: number[] = [];
  for (const [field, value] of fields) {
    if (typeof value === 'number') bytes.push(field * 8, value);
    else bytes.push(field * 8 + 2, value.length, ...latin1(value));
  }
  return Uint8Array.from(bytes);
}

function safetensors(): Uint8Array {
  const header = strToU8('{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}');
  const bytes = new Uint8Array(8 + header.length + 8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(header, 8);
  return bytes;
}

function flatbufferOf(identifier: string): Uint8Array {
  const bytes = writeModel(makeModel({ description: 'x'.repeat(50) })).slice();
  bytes.set(latin1(identifier), 4);
  return bytes;
}

describe('files that are no model', () => {
  const cases: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ['an empty file', new Uint8Array(0), /is empty/],
    ['a very short file', latin1('\x1c\x00\x00'), /only 3 bytes/],
    ['a web page', strToU8('\n<!DOCTYPE html><html><body>Sign in</body></html>'), /web page/],
    ['XML', strToU8('<?xml version="1.0"?><model/>'), /XML/],
    ['a zip', zipSync({ 'readme.md': strToU8('hello') }), /zip archive without a \.tflite/],
    [
      'a task bundle',
      zipSync({ 'hand_landmarks_detector.tflite': noise(3000) }),
      /hand_landmarks_detector\.tflite/,
    ],
    ['a Keras file', zipSync({ 'metadata.json': strToU8('{}'), 'model.weights.h5': noise(99) }), /Keras/],
    ['PyTorch', zipSync({ 'archive/data.pkl': noise(30) }), /PyTorch/],
    ['arrays', zipSync({ 'inputs.npy': noise(30) }), /NumPy arrays/],
    ['ONNX', protobuf([1, 8], [2, 'pytorch'], [3, '2.1'], [7, 'graph'], [8, 'ops']), /ONNX/],
    ['a SavedModel', protobuf([1, 1], [2, 'meta graph']), /SavedModel/],
    [
      'a Git LFS pointer',
      strToU8('version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n'),
      /git lfs pull/,
    ],
    ['HDF5', padded('\x89HDF\r\n\x1a\n'), /HDF5/],
    ['PNG', padded('\x89PNG\r\n\x1a\n'), /image/],
    ['JPEG', padded('\xff\xd8\xff\xe0'), /image/],
    ['WebP', padded('RIFF\x10\x00\x00\x00WEBPVP8 '), /image/],
    ['safetensors', safetensors(), /safetensors/],
    ['GGUF', padded('GGUF\x03\x00\x00\x00'), /GGUF/],
    ['a NumPy array', padded('\x93NUMPY\x01\x00'), /NumPy array/],
    ['gzip', padded('\x1f\x8b\x08'), /unpack/],
    ['a pickle', padded('\x80\x04\x95'), /pickle/],
    ['JSON', strToU8('{"name": "a recipe"}'), /JSON/],
    ['a TensorFlow.js model', strToU8('{"modelTopology": {}, "weightsManifest": []}'), /TensorFlow\.js/],
    ['C source', strToU8('const unsigned char g_model[] = {\n 0x1c, 0x00,'), /C source/],
    ['text', strToU8('Just some notes.\n'), /text file/],
    ['metadata alone', flatbufferOf('M001'), /metadata/],
    ['ONNX Runtime', flatbufferOf('ORTM'), /ONNX Runtime/],
    ['ExecuTorch', flatbufferOf('ET12'), /ExecuTorch/],
    ['another flatbuffer', flatbufferOf('MONS'), /"MONS"/],
    ['random bytes', noise(5000), /no TensorFlow Lite model/],
    ['compressed bytes', deflateSync(noise(50_000)), /no TensorFlow Lite model/],
    ['zeros', new Uint8Array(1000), /no TensorFlow Lite model/],
  ];
  it.each(cases)('%s', (_, bytes, message) => {
    const error = refusal(bytes);
    expect(error.code).toBe('not-a-model');
    expect(error.message).toMatch(message);
    expect(error.message.match(/[.;:]( |$)/g)?.length ?? 0).toBeLessThanOrEqual(3);
  });

  it('does not take a lot of noise for anything', () => {
    for (let seed = 1; seed <= 300; seed++) {
      expect(refusal(noise(4096, seed * 7919)).code).toBe('not-a-model');
    }
  });
});

describe('a model without its identifier', () => {
  it('is read with a warning', () => {
    const model = makeModel({ subgraphs: [makeSubgraph({ name: 'main' })] });
    const bytes = writeModel(model).slice();
    bytes.fill(0, 4, 8);
    const result = readModel(bytes);
    expect(result.model).toEqual(model);
    expect(result.warnings[0]?.message).toMatch(/identifier TFL3/);
  });
});

describe('a truncated model', () => {
  it('says that it is damaged, and where', () => {
    const bytes = writeModel(
      makeModel({
        buffers: [
          { data: null, outside: false },
          { data: noise(9000), outside: false },
        ],
      }),
    );
    const error = refusal(bytes.slice(0, 5000));
    expect(error.code).toBe('broken-model');
    expect(error.where).toBe('buffers[1].data');
    expect(error.message).toMatch(/cut short/);
  });
});
