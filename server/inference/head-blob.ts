import { normalizeEmbeddings } from '../ml/embedding.ts';
import { MANY_EXAMPLES, type Head, type LinearHead } from '../ml/head.ts';
import { NEVER_UNKNOWN, type UnknownRule } from '../ml/unknown.ts';

/**
 * The head of a model version as bytes, little-endian: format version, embedding size and number
 * of categories as uint32, then as float32 the temperature, the six numbers of the rule for "?",
 * weights, bias, means and support. Version 1 had neither rule nor means nor support.
 */
const FORMAT_VERSION = 2;
const HEADER_BYTES = 12;
/** The rule's numbers, in their order. */
const RULE = ['cosine', 'logit', 'confidence', 'categories', 'fewness', 'threshold'] as const;

/** The same head gives the same bytes. */
export function encodeHead(head: Head): Uint8Array {
  const { weights, bias, means, support, temperature, unknown } = head;
  const scalars = [temperature, ...RULE.map((part) => unknown[part])];
  const numbers = [scalars, weights, bias, means, support];
  const count = numbers.reduce((sum, { length }) => sum + length, 0);
  const view = new DataView(new ArrayBuffer(HEADER_BYTES + count * 4));
  const size = bias.length > 0 ? weights.length / bias.length : 0;
  [FORMAT_VERSION, size, bias.length].forEach((n, i) => view.setUint32(i * 4, n, true));
  let offset = HEADER_BYTES;
  for (const part of numbers) {
    for (const number of part) {
      view.setFloat32(offset, number, true);
      offset += 4;
    }
  }
  return new Uint8Array(view.buffer);
}

/**
 * Throws when the bytes are not a head. One of version 1 gets its means from its weights, which
 * training holds near them, and the rule that is given.
 */
export function decodeHead(bytes: Uint8Array, olderRule: UnknownRule = NEVER_UNKNOWN): Head {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_BYTES) throw new Error('These bytes are not a head.');
  const [version = 0, size = 0, categories = 0] = [0, 4, 8].map((at) => view.getUint32(at, true));
  if (version !== 1 && version !== FORMAT_VERSION) throw new Error('These bytes are not a head.');
  const sizes = { version, size, categories };
  if (bytes.length !== lengthOf(sizes)) throw new Error('A head has the wrong length.');
  const head = read(readFloats(view), sizes, olderRule);
  if (!(head.temperature > 0)) throw new Error('A head needs a temperature above 0.');
  return head;
}

interface Sizes {
  readonly version: number;
  readonly size: number;
  readonly categories: number;
}

/** Bytes of a whole head. */
function lengthOf({ version, size, categories }: Sizes): number {
  const linear = 1 + size * categories + categories;
  const knowledge = version === 1 ? 0 : RULE.length + size * categories + categories;
  return HEADER_BYTES + 4 * (linear + knowledge);
}

function readFloats(view: DataView): Float32Array {
  const count = (view.byteLength - HEADER_BYTES) / 4;
  const numbers = Float32Array.from({ length: count }, (_, i) =>
    view.getFloat32(HEADER_BYTES + i * 4, true),
  );
  if (numbers.some(Number.isNaN)) throw new Error('A head has numbers that are none.');
  return numbers;
}

function read(
  numbers: Float32Array,
  { version, size, categories }: Sizes,
  olderRule: UnknownRule,
): Head {
  let at = 0;
  const take = (count: number): Float32Array => numbers.slice(at, (at += count));
  const [temperature = 0] = take(1);
  const unknown = version === 1 ? olderRule : ruleOf(take(RULE.length));
  const linear = { temperature, weights: take(size * categories), bias: take(categories) };
  const knowledge =
    version === 1
      ? { means: columnsOf(linear), support: new Float32Array(categories).fill(MANY_EXAMPLES) }
      : { means: take(size * categories), support: take(categories) };
  return { ...linear, ...knowledge, unknown };
}

function ruleOf(numbers: Float32Array): UnknownRule {
  const parts = RULE.map((part, i): [keyof UnknownRule, number] => [part, numbers[i] ?? 0]);
  return { ...NEVER_UNKNOWN, ...Object.fromEntries(parts) };
}

/** The columns of the weights as rows of length 1. */
function columnsOf({ weights, bias }: LinearHead): Float32Array {
  const categories = bias.length;
  const rows = new Float32Array(weights.length);
  if (weights.length === 0) return rows;
  const size = weights.length / categories;
  weights.forEach(
    (weight, i) => (rows[(i % categories) * size + Math.floor(i / categories)] = weight),
  );
  return normalizeEmbeddings(rows, new Float32Array(size));
}
