import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The server cannot listen where it was told to. The message says what to do. */
export class CannotListen extends Error {
  constructor(message: string, options: { readonly cause: unknown }) {
    super(message, options);
    this.name = 'CannotListen';
  }
}

/** Listens, and tells the address for people of this machine. Throws `CannotListen`. */
export async function listen(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    const refuse = (cause: NodeJS.ErrnoException): void => {
      reject(new CannotListen(messageOf(cause, host, port), { cause }));
    };
    server.once('error', refuse);
    server.listen(port, host, () => {
      server.off('error', refuse);
      resolve();
    });
  });
  const isEverywhere = host === '0.0.0.0' || host === '::';
  const name = host.includes(':') ? `[${host}]` : host;
  // A server that listens on a port has an address of this kind.
  const { port: actualPort } = server.address() as AddressInfo;
  return `http://${isEverywhere ? 'localhost' : name}:${actualPort}`;
}

const FAILURES: Readonly<Record<string, (host: string, port: number) => string>> = {
  EADDRINUSE: (_, port) =>
    `Port ${port} is in use by another program. Stop it, or choose another port: PORT=${port + 1} npm start`,
  EACCES: (_, port) =>
    `Port ${port} needs rights that this user lacks. Choose one above 1023: PORT=3000 npm start`,
  EADDRNOTAVAIL: (host) =>
    `This machine has no address "${host}". Leave HOST out to listen on all of them.`,
};

function messageOf(cause: NodeJS.ErrnoException, host: string, port: number): string {
  const tell = FAILURES[cause.code ?? ''];
  return tell?.(host, port) ?? `The server cannot listen on ${host}:${port}: ${cause.message}`;
}
