import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

export type Target = { readonly host: string; readonly port: number } | { readonly path: string };

/** Where a request is stopped: on its way there, or its answer on the way back. */
export type TrapPlace = 'request' | 'answer';

/** Requests that are being stopped on their way. */
export interface Trap {
  /** Resolves when the first one has come. */
  readonly caught: Promise<void>;
  /** Lets go what was stopped, and stops nothing more. */
  open(): void;
}

interface SetTrap {
  readonly marker: string;
  readonly place: TrapPlace;
  readonly onCaught: () => void;
  readonly whenOpen: Promise<void>;
}

/** Stands between a server and what it needs, so that a test can take that away and give it back. */
export class TcpProxy {
  readonly port: number;
  readonly #target: Target;
  readonly #sockets = new Set<Socket>();
  #trap: SetTrap | null = null;
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

  /**
   * Stops every request that contains the marker from now on: nothing more goes the way of
   * `place` on its connection. The next trap takes its place.
   */
  setTrap(marker: string, place: TrapPlace): Trap {
    let open = (): void => undefined;
    const whenOpen = new Promise<void>((resolve) => {
      open = resolve;
    });
    let set: SetTrap | null = null;
    const caught = new Promise<void>((resolve) => {
      set = { marker, place, onCaught: resolve, whenOpen };
      this.#trap = set;
    });
    return {
      caught,
      open: () => {
        if (this.#trap === set) this.#trap = null;
        open();
      },
    };
  }

  #relay(socket: Socket): void {
    const target = connect(this.#target);
    const there = new Lane(target);
    const back = new Lane(socket);
    socket.on('data', (bytes) => {
      const trap = this.#trap;
      const isCaught = trap !== null && bytes.includes(trap.marker);
      if (isCaught) (trap.place === 'request' ? there : back).holdUntil(trap.whenOpen);
      there.send(bytes);
      if (isCaught) trap.onCaught();
    });
    target.on('data', (bytes) => back.send(bytes));
    for (const [from, to] of [
      [socket, target],
      [target, socket],
    ] as const) {
      this.#sockets.add(from);
      from.on('end', () => to.end());
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      // A cut is meant to break connections.
      from.on('error', () => undefined);
    }
  }
}

/** One direction of a relayed connection. */
class Lane {
  readonly #to: Socket;
  #held: Buffer[] | null = null;

  constructor(to: Socket) {
    this.#to = to;
  }

  send(bytes: Buffer): void {
    if (this.#held) this.#held.push(bytes);
    else if (!this.#to.destroyed) this.#to.write(bytes);
  }

  holdUntil(whenOpen: Promise<void>): void {
    this.#held ??= [];
    void whenOpen.then(() => {
      const held = this.#held ?? [];
      this.#held = null;
      for (const bytes of held) this.send(bytes);
    });
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
