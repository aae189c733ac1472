import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

export type Target = { readonly host: string; readonly port: number } | { readonly path: string };

/** Stands between a server and what it needs, so that a test can take that away and give it back. */
export class TcpProxy {
  readonly port: number;
  readonly #target: Target;
  readonly #sockets = new Set<Socket>();
  #server: Server | null;

  private constructor(server: Server, target: Target) {
    this.#server = server;
    this.#target = target;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (socket) => this.#relay(socket));
  }

  static async start(target: Target): Promise<TcpProxy> {
    return new TcpProxy(await listen(0), target);
  }

  /** Ends every connection and refuses new ones. */
  async cut(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (!server) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** Takes connections again, on the same port. */
  async restore(): Promise<void> {
    if (this.#server) return;
    this.#server = await listen(this.port);
    this.#server.on('connection', (socket) => this.#relay(socket));
  }

  #relay(socket: Socket): void {
    const target = connect(this.#target);
    for (const [from, to] of [
      [socket, target],
      [target, socket],
    ] as const) {
      this.#sockets.add(from);
      from.pipe(to);
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      // A cut is meant to break connections.
      from.on('error', () => undefined);
    }
  }
}

async function listen(port: number): Promise<Server> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** A proxy before a PostgreSQL server, and the address that leads through it. */
export async function proxyDatabase(address: string): Promise<{ url: string; proxy: TcpProxy }> {
  const url = new URL(address);
  const socketFolder = url.searchParams.get('host');
  const proxy = await TcpProxy.start(
    socketFolder
      ? { path: `${socketFolder}/.s.PGSQL.5432` }
      : { host: url.hostname, port: Number(url.port || '5432') },
  );
  url.searchParams.delete('host');
  url.hostname = '127.0.0.1';
  url.port = String(proxy.port);
  return { url: url.href, proxy };
}
