import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Who takes the upgrades below a path. */
export interface UpgradeRoute {
  readonly prefix: string;
  /** Null: somebody else listens for them, such as engine.io for its own path. */
  readonly handle: UpgradeHandler | null;
}

/** Shares the one `upgrade` event of a server by path. Unknown paths read 404 and are closed. */
export function routeUpgrades(server: Server, routes: readonly UpgradeRoute[]): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const [path = ''] = (request.url ?? '').split('?');
    const route = routes.find(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`));
    if (route) {
      route.handle?.(request, socket, head);
      return;
    }
    // A peer that is gone already must not end the process.
    socket.on('error', () => socket.destroy());
    socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });
}
