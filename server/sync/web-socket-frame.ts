/**
 * WebSocket frames (RFC 6455, section 5.2) as a server sends them: binary, unmasked. The hub builds
 * them itself, so that what goes to everybody in a room is built once and written to each socket
 * as it is.
 */
export type Frame = readonly Buffer[];

const FINAL = 0x80;
const CONTINUATION = 0x0;
const BINARY = 0x2;
/** What is longer goes out in pieces: only what has been taken whole tells how far a reader is. */
const PIECE_BYTES = 32 * 1024;

/** A message as frames that are ready for the line. Nothing may change it afterwards. */
export function frameOf(message: Uint8Array): Frame {
  if (message.length <= PIECE_BYTES) return [frame(message, FINAL | BINARY)];
  const pieces: Buffer[] = [];
  for (let from = 0; from < message.length; from += PIECE_BYTES) {
    const piece = message.subarray(from, from + PIECE_BYTES);
    const isLast = from + PIECE_BYTES >= message.length;
    pieces.push(frame(piece, (isLast ? FINAL : 0) | (from === 0 ? BINARY : CONTINUATION)));
  }
  return pieces;
}

/** Bytes on the line. */
export function bytesOf(frames: Frame): number {
  return frames.reduce((sum, { length }) => sum + length, 0);
}

function frame(payload: Uint8Array, firstByte: number): Buffer {
  const { length } = payload;
  // PIECE_BYTES keeps the length below the 64-bit form.
  const headerBytes = length < 126 ? 2 : 4;
  const bytes = Buffer.allocUnsafe(headerBytes + length);
  bytes[0] = firstByte;
  if (headerBytes === 2) bytes[1] = length;
  else {
    bytes[1] = 126;
    bytes.writeUInt16BE(length, 2);
  }
  bytes.set(payload, headerBytes);
  return bytes;
}
