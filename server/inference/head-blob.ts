import type { Head } from '../ml/head.ts';

/**
 * The head of a model version as bytes, little-endian: format version, embedding size and number
 * of categories as uint32, then temperature, weights and bias as float32.
 */
const FORMAT_VERSION = 1;
const HEADER_BYTES = 12;

/** The same head gives the same bytes. */
export function encodeHead({ weights, bias, temperature }: Head): Uint8Array {
  const numbers = 1 + weights.length + bias.length;
  const view = new DataView(new ArrayBuffer(HEADER_BYTES + numbers * 4));
  [FORMAT_VERSION, weights.length / bias.length, bias.length].forEach((n, i) =>
    view.setUint32(i * 4, n, true),
  );
  view.setFloat32(HEADER_BYTES, temperature, true);
  const weightsAt = HEADER_BYTES + 4;
  weights.forEach((weight, i) => view.setFloat32(weightsAt + i * 4, weight, true));
  const biasAt = weightsAt + weights.length * 4;
  bias.forEach((value, i) => view.setFloat32(biasAt + i * 4, value, true));
  return new Uint8Array(view.buffer);
}

/** Throws when the bytes are not a head. */
export function decodeHead(bytes: Uint8Array): Head {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_BYTES + 4 || view.getUint32(0, true) !== FORMAT_VERSION)
    throw new Error('These bytes are not a head.');
  const [size, categories] = [view.getUint32(4, true), view.getUint32(8, true)];
  const expected = HEADER_BYTES + 4 * (1 + size * categories + categories);
  if (bytes.length !== expected) throw new Error('A head has the wrong length.');
  const floatsAt = (offset: number, count: number): Float32Array =>
    Float32Array.from({ length: count }, (_, i) => view.getFloat32(offset + i * 4, true));
  const weightsAt = HEADER_BYTES + 4;
  return {
    temperature: view.getFloat32(HEADER_BYTES, true),
    weights: floatsAt(weightsAt, size * categories),
    bias: floatsAt(weightsAt + size * categories * 4, categories),
  };
}
