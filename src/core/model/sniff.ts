/** Tells what a file is that is no TensorFlow Lite model, so that the message can say what to do. */

interface Kind {
  /** Looks only at the start and the end of the file. */
  matches(head: Head): boolean;
  /** What it is and what to do, in one sentence. */
  sentence(head: Head): string;
}

interface Head {
  readonly bytes: Uint8Array;
  /** The first bytes as Latin-1 text. */
  readonly text: string;
  /** The last bytes as Latin-1 text. */
  readonly tail: string;
}

const HEAD_BYTES = 4096;
const TAIL_BYTES = 65_536;
const FEWEST_BYTES = 16;

/** Whether the bytes carry the file identifier of TensorFlow Lite. */
export function hasModelIdentifier(bytes: Uint8Array): boolean {
  return latin1(bytes.subarray(4, 8)) === 'TFL3';
}

/** One sentence on what the bytes are and what to do, or null when they may be a model. */
export function describeForeign(bytes: Uint8Array): string | null {
  if (bytes.length === 0) return 'The file is empty; choose a .tflite file or download it again.';
  if (bytes.length >= FEWEST_BYTES && hasModelIdentifier(bytes)) return null;
  const head: Head = {
    bytes,
    text: latin1(bytes.subarray(0, HEAD_BYTES)),
    tail: latin1(bytes.subarray(Math.max(0, bytes.length - TAIL_BYTES))),
  };
  const kind = kinds.find((candidate) => candidate.matches(head));
  if (kind) return kind.sentence(head);
  if (bytes.length < FEWEST_BYTES) {
    return `The file has only ${bytes.length} bytes, too few for a model; it was probably cut short, so download it again.`;
  }
  return null;
}

/** A kind that begins with fixed bytes (given as Latin-1 text). */
function startsWith(magic: string, sentence: string): Kind {
  return { matches: ({ text }) => text.startsWith(magic), sentence: () => sentence };
}

const IMAGE =
  'This is an image, not a model; choose a .tflite file, and give images as data to an open model.';
const PACKED = 'This is a compressed archive; unpack it and choose the .tflite file inside.';

const kinds: readonly Kind[] = [
  startsWith(
    'version https://git-lfs',
    'This is a Git LFS pointer, a small text that stands for the model; run "git lfs pull", or download the file itself.',
  ),
  {
    matches: ({ text }) => text.startsWith('PK\x03\x04') || text.startsWith('PK\x05\x06'),
    sentence: zipSentence,
  },
  startsWith(
    '\x89HDF\r\n\x1a\n',
    'This is an HDF5 file, as Keras writes .h5 models; convert it to .tflite with the TensorFlow Lite converter first.',
  ),
  startsWith('\x89PNG\r\n\x1a\n', IMAGE),
  startsWith('\xff\xd8\xff', IMAGE),
  startsWith('GIF8', IMAGE),
  { matches: ({ text }) => text.startsWith('RIFF') && text.startsWith('WEBP', 8), sentence: () => IMAGE },
  startsWith(
    'GGUF',
    'This is a GGUF language model for llama.cpp; Whittle works on TensorFlow Lite models (.tflite).',
  ),
  startsWith(
    '\x93NUMPY',
    'This is a NumPy array, not a model; open a .tflite file first, then give the array as data.',
  ),
  startsWith('\x1f\x8b', PACKED),
  startsWith('7z\xbc\xaf\x27\x1c', PACKED),
  startsWith('\xfd7zXZ\x00', PACKED),
  startsWith('BZh', PACKED),
  { matches: ({ text }) => text.startsWith('ustar', 257), sentence: () => PACKED },
  {
    matches: isSafetensors,
    sentence: () =>
      'This is a safetensors file, which holds weights without a graph; convert the model to .tflite first.',
  },
  {
    matches: ({ bytes }) => bytes[0] === 0x80 && bytes[1]! >= 2 && bytes[1]! <= 5,
    sentence: () =>
      'This is a Python pickle, as older PyTorch files are; convert the model to .tflite first.',
  },
  {
    matches: ({ text }) => /^(\xef\xbb\xbf)?\s*<(!doctype|html|head|\?xml|svg|!--)/i.test(text),
    sentence: markupSentence,
  },
  { matches: ({ text }) => /^(\xef\xbb\xbf)?\s*[{[]/.test(text) && isText(text), sentence: jsonSentence },
  {
    matches: ({ text }) => /unsigned\s+char\s+\w+\s*\[/.test(text) && isText(text),
    sentence: () => 'This is a model as C source text; choose the .tflite file that it was made from.',
  },
  {
    matches: ({ text }) => isText(text),
    sentence: () => 'This is a text file, not a model; choose a .tflite file.',
  },
  { matches: hasOtherIdentifier, sentence: otherFlatbufferSentence },
  {
    matches: ({ bytes }) => protobufFields(bytes)?.[0] === 'v1=1' && protobufFields(bytes)?.[1] === 'b2',
    sentence: () =>
      'This is a TensorFlow SavedModel (.pb); convert its folder to .tflite with the TensorFlow Lite converter first.',
  },
  {
    matches: ({ bytes }) => isOnnx(protobufFields(bytes)),
    sentence: () => 'This is an ONNX model; convert it to .tflite first, for example with onnx2tf.',
  },
  {
    matches: ({ bytes, text }) => protobufFields(bytes)?.[0] === 'b1' && /^\n[^\n]{1,2}\n/s.test(text),
    sentence: () =>
      'This looks like a frozen TensorFlow graph (.pb); convert it to .tflite with the TensorFlow Lite converter first.',
  },
];

function zipSentence({ text, tail }: Head): string {
  const names = `${text}${tail}`;
  const model = /[\w./-]+\.tflite/.exec(names);
  if (model) return `This is a zip archive that holds ${model[0]}; unpack it and choose that file.`;
  if (names.includes('model.weights.h5') || names.includes('metadata.json')) {
    return 'This is a Keras model (.keras); convert it to .tflite with the TensorFlow Lite converter first.';
  }
  if (names.includes('data.pkl'))
    return 'This is a PyTorch model; convert it to .tflite first, for example with ai-edge-torch.';
  if (names.includes('.npy')) {
    return 'This is an .npz archive of NumPy arrays, not a model; open a .tflite file first, then give the arrays as data.';
  }
  return 'This is a zip archive without a .tflite file that can be seen from its list; unpack it and choose the model inside.';
}

function markupSentence({ text }: Head): string {
  return /<\?xml|<svg/i.test(text.slice(0, 64))
    ? 'This is an XML file, not a model; choose a .tflite file.'
    : 'This is a web page, not a model; the download probably ended at a sign-in or error page, so download the file again.';
}

function jsonSentence({ text, tail }: Head): string {
  return /"(modelTopology|weightsManifest)"/.test(text + tail)
    ? 'This is the JSON part of a TensorFlow.js model; Whittle opens .tflite files, so convert the original model with the TensorFlow Lite converter.'
    : 'This is a JSON file, not a model; choose a .tflite file.';
}

/** safetensors: the length of a JSON header as 64 bits, then the header. */
function isSafetensors({ bytes, text }: Head): boolean {
  if (bytes.length < 10 || text.charAt(8) !== '{') return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
  return view.getBigUint64(0, true) <= BigInt(bytes.length - 8);
}

/** A flatbuffer whose four letters behind the root offset are not ours. */
function hasOtherIdentifier({ bytes, text }: Head): boolean {
  if (bytes.length < FEWEST_BYTES || !/^[A-Z][A-Z0-9]{3}$/.test(text.slice(4, 8))) return false;
  const root = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  return root >= 8 && root <= bytes.length - 4 && root % 4 === 0;
}

function otherFlatbufferSentence({ text }: Head): string {
  const identifier = text.slice(4, 8);
  if (identifier === 'M001')
    return 'This is the metadata of a TensorFlow Lite model without the model; choose the .tflite file itself.';
  if (identifier === 'ORTM')
    return 'This is a model for ONNX Runtime (.ort); convert the original model to .tflite first.';
  if (identifier.startsWith('ET'))
    return 'This is an ExecuTorch program (.pte); convert the original model to .tflite first.';
  return `This is a flatbuffer of another kind (identifier "${identifier}", not TFL3); choose a .tflite file.`;
}

/**
 * The top-level fields of a protobuf message, at most 64, as `v1=8` (varint, with its value) or `b7` (bytes); null when
 * the bytes cannot be one.
 */
function protobufFields(bytes: Uint8Array): readonly string[] | null {
  const fields: string[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) return Number.NaN;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    return Number.NaN;
  };
  while (at < bytes.length && fields.length < 64) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    if (!(field >= 1 && field <= 1000)) return null;
    const value = varint();
    if (Number.isNaN(value)) return null;
    if (tag % 8 === 0) fields.push(`v${field}=${value}`);
    else if (tag % 8 === 2) {
      fields.push(`b${field}`);
      at += value;
    } else return null;
  }
  return at <= bytes.length ? fields : null;
}

/** ONNX: the version of its format first, then the graph (field 7) and the operator sets (field 8). */
function isOnnx(fields: readonly string[] | null): boolean {
  if (fields === null) return false;
  return fields.some((field) => field.startsWith('v1=')) && fields.includes('b7');
}

function isText(text: string): boolean {
  // Control characters other than white space do not occur in text.
  // eslint-disable-next-line no-control-regex
  return text.length > 0 && !/[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]/.test(text) && !/[\x80-\xff]{6}/.test(text);
}

function latin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
