/** 32-bit floats as stored: little-endian, as on every machine that we run on. */
export function floatsToBytes(floats: Float32Array): Buffer {
  return Buffer.from(floats.buffer, floats.byteOffset, floats.byteLength);
}

/** The floats of stored bytes, copied: a view would have to begin at a multiple of four. */
export function bytesToFloats(bytes: Uint8Array): Float32Array {
  const end = bytes.byteOffset + bytes.byteLength;
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, end) as ArrayBuffer);
}
