// Hocuspocus with its defaults and without a store, on a free port.
import { randomUUID } from 'node:crypto';
import { Server } from '@hocuspocus/server';

const server = new Server({ address: '127.0.0.1', quiet: true });
// Port 0 counts as none in its options, so it listens by its HTTP server.
server.configuration.port = 0;
await server.listen();
const rooms = Array.from({ length: Number(process.env.ROOMS) }, () => randomUUID());
process.send({ url: `ws://127.0.0.1:${server.address.port}`, rooms });
