import type { AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import { Duplex } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { PacedWriter } from './paced-writer.ts';
import { bytesOf, frameOf } from './web-socket-frame.ts';

/** A line whose other end takes a chunk when it is told to. */
class Line extends Duplex {
  readonly taken: Buffer[] = [];
  #next: (() => void) | null = null;

  override _read(): void {
    // Nothing comes in.
  }

  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    this.taken.push(chunk);
    this.#next = callback;
  }

  takeOne(): void {
    const next = this.#next;
    this.#next = null;
    next?.();
  }
}

/** What a WebSocket client reads of a message that is sent as our frames. */
async function readByClient(message: Buffer): Promise<Buffer> {
  const sockets = new WebSocketServer({ noServer: true });
  const server = createServer().listen(0, '127.0.0.1');
  server.on('upgrade', (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, () => {
      new PacedWriter(socket).write(frameOf(message));
    });
  });
  await new Promise((resolve) => server.once('listening', resolve));
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const received = await new Promise<Buffer>((resolve, reject) => {
    client.on('message', resolve);
    client.on('error', reject);
  });
  client.terminate();
  server.close();
  return received;
}

describe('a frame', () => {
  test.each([0, 1, 125, 126, 65_535, 65_536, 300_000])(
    'of %i bytes is read back by a WebSocket client',
    async (length) => {
      const message = Buffer.alloc(length, 7);
      expect(message.equals(await readByClient(message))).toBe(true);
    },
  );
});

describe('a reader that takes nothing', () => {
  test('is handed no more than 64 KiB and a piece at a time', () => {
    const line = new Line();
    const writer = new PacedWriter(line);
    const frames = frameOf(Buffer.alloc(1_048_576));
    writer.write(frames);
    expect(writer.bufferedBytes).toBe(bytesOf(frames));
    expect(line.writableLength).toBeLessThan(100 * 1_024);
    expect(writer.takenBytes).toBe(0);
  });

  test('gets all of it, in order, when he reads on, and then it is told', async () => {
    const line = new Line();
    let drained = 0;
    const writer = new PacedWriter(line);
    writer.onDrained = () => (drained += 1);
    const messages = [1, 2, 3].map((n) => Buffer.alloc(200_000, n));
    for (const message of messages) writer.write(frameOf(message));
    for (let i = 0; i < 100; i++) {
      line.takeOne();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(writer.bufferedBytes).toBe(0);
    expect(drained).toBe(1);
    const sent = messages.flatMap((message) => [...frameOf(message)]);
    expect(Buffer.concat(line.taken).equals(Buffer.concat(sent))).toBe(true);
  });
});
