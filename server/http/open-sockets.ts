import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** How long connections have to end by themselves. */
const GOODBYE_MS = 500;

/**
 * Ends what is still connected when a server closes. HTTP's own `closeAllConnections` leaves out
 * upgraded ones: a client that does not read would hold up the end for ever.
 */
export function trackSockets(server: Server): { readonly endSoon: () => () => void } {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return {
    /** Ends them in a moment; the returned function calls it off, when all have ended. */
    endSoon: () => {
      const timer = setTimeout(() => {
        for (const socket of open) socket.destroy();
      }, GOODBYE_MS);
      return () => clearTimeout(timer);
    },
  };
}
