// @y/websocket-server as its own src/server.js runs it, on a free port.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { setupWSConnection } from '@y/websocket-server/utils';

// The `ws` that the package brings.
const require = createRequire(import.meta.resolve('@y/websocket-server/package.json'));
const WebSocket = require('ws');

const sockets = new WebSocket.Server({ noServer: true });
sockets.on('connection', setupWSConnection);
const server = createServer();
server.on('upgrade', (request, socket, head) =>
  sockets.handleUpgrade(request, socket, head, (ws) => sockets.emit('connection', ws, request)),
);
server.listen(0, '127.0.0.1', () => {
  const rooms = Array.from({ length: Number(process.env.ROOMS) }, () => randomUUID());
  process.send({ url: `ws://127.0.0.1:${server.address().port}`, rooms });
});
