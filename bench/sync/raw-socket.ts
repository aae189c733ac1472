import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { connect } from 'node:net';

const OPCODE_CONTINUATION = 0;
const OPCODE_BINARY = 2;
const OPCODE_CLOSE = 8;
const OPCODE_PING = 9;
const OPCODE_PONG = 10;
const FINAL = 0x80;
const MASKED = 0x80;
const MASK_BYTES = 4;
const END_OF_HEAD = Buffer.from('\r\n\r\n');
const EMPTY = Buffer.alloc(0);

/**
 * A WebSocket client that costs as little as possible, so that thousands fit beside a server on two
 * cores: it reads frames right out of the chunks of the network, and masks with zeros (servers take
 * as long to remove any mask). It knows what the measured servers send, and no more.
 */
export class RawSocket {
  /** Called with the payload of each binary message; valid only during the call. */
  onMessage: (payload: Buffer) => void = () => undefined;
  /** The code with which the server closed, 1006 when it just went, null while it is open. */
  closeCode: number | null = null;
  readonly #socket: Socket;
  #rest: Buffer = EMPTY;
  /** The pieces so far of a message that comes in several frames. */
  #pieces: Buffer[] = [];

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('close', () => (this.closeCode ??= 1006));
  }

  /** Resolves when the upgrade has been accepted. */
  static async open(address: string, subprotocol?: string): Promise<RawSocket> {
    const url = new URL(address);
    const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
    // What breaks is told by the close that follows.
    socket.on('error', () => undefined);
    socket.write(requestOf(url, subprotocol));
    const head = await readHead(socket);
    const raw = new RawSocket(socket);
    raw.#rest = head;
    // The caller sets its listener first.
    setImmediate(() => raw.#take(EMPTY));
    return raw;
  }

  send(payload: Uint8Array): void {
    this.#write(OPCODE_BINARY, payload);
  }

  /** Stops reading, as somebody without a network does who has not noticed yet. */
  pause(): void {
    this.#socket.pause();
  }

  /** Goes without a word. */
  destroy(): void {
    this.#socket.destroy();
  }

  #write(opcode: number, payload: Uint8Array): void {
    const head = headOf(opcode, payload.length);
    const frame = Buffer.allocUnsafe(head.length + MASK_BYTES + payload.length);
    frame.set(head);
    frame.fill(0, head.length, head.length + MASK_BYTES);
    frame.set(payload, head.length + MASK_BYTES);
    if (!this.#socket.destroyed) this.#socket.write(frame);
  }

  #take(chunk: Buffer): void {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    let from = 0;
    for (;;) {
      const payloadFrom = from + headBytesAt(bytes, from);
      if (payloadFrom > bytes.length) break;
      const to = payloadFrom + payloadBytesAt(bytes, from);
      if (to > bytes.length) break;
      this.#receive(bytes[from] ?? 0, bytes.subarray(payloadFrom, to));
      from = to;
    }
    this.#rest = from < bytes.length ? bytes.subarray(from) : EMPTY;
  }

  #receive(firstByte: number, payload: Buffer): void {
    const opcode = firstByte & 0x0f;
    if (opcode === OPCODE_BINARY || opcode === OPCODE_CONTINUATION)
      this.#receivePiece(payload, (firstByte & FINAL) !== 0);
    else if (opcode === OPCODE_PING) this.#write(OPCODE_PONG, payload);
    else if (opcode === OPCODE_CLOSE)
      this.closeCode = payload.length > 1 ? payload.readUInt16BE(0) : 1005;
  }

  #receivePiece(payload: Buffer, isLast: boolean): void {
    if (isLast && this.#pieces.length === 0) return this.onMessage(payload);
    this.#pieces.push(payload);
    if (isLast) this.onMessage(Buffer.concat(this.#pieces.splice(0)));
  }
}

function requestOf({ host, pathname, search }: URL, subprotocol: string | undefined): string {
  return [
    `GET ${pathname}${search} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    'Sec-WebSocket-Version: 13',
    ...(subprotocol ? [`Sec-WebSocket-Protocol: ${subprotocol}`] : []),
    '\r\n',
  ].join('\r\n');
}

/** Waits for the answer to the upgrade; gives what has come after it. */
function readHead(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let head: Buffer = EMPTY;
    const fail = (): void => reject(new Error('The server refused the connection'));
    const read = (chunk: Buffer): void => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf(END_OF_HEAD);
      if (end < 0) return;
      socket.off('data', read);
      socket.off('close', fail);
      if (head.toString('latin1', 9, 12) !== '101') return fail();
      resolve(head.subarray(end + END_OF_HEAD.length));
    };
    socket.on('data', read);
    socket.once('close', fail);
  });
}

function headOf(opcode: number, length: number): number[] {
  if (length < 126) return [FINAL | opcode, MASKED | length];
  if (length < 65_536) return [FINAL | opcode, MASKED | 126, length >> 8, length & 0xff];
  const bytes = [length >>> 24, (length >> 16) & 0xff, (length >> 8) & 0xff, length & 0xff];
  return [FINAL | opcode, MASKED | 127, 0, 0, 0, 0, ...bytes];
}

/** Infinity while too little of the head is there. */
function headBytesAt(bytes: Buffer, at: number): number {
  if (at + 2 > bytes.length) return Infinity;
  const short = bytes[at + 1] ?? 0;
  return short === 127 ? 10 : short === 126 ? 4 : 2;
}

function payloadBytesAt(bytes: Buffer, at: number): number {
  const short = bytes[at + 1] ?? 0;
  if (short === 127) return bytes.readUInt32BE(at + 6);
  return short === 126 ? bytes.readUInt16BE(at + 2) : short;
}
