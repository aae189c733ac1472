import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import type { CanvasDoc } from '../../shared/canvas-doc.ts';
import { openCanvasDoc } from '../../shared/canvas-doc.ts';
import { SYNC_SUBPROTOCOL } from '../../shared/sync-protocol.ts';
import type { Hub, HubOptions } from '../../server/sync/hub.ts';
import { createHub } from '../../server/sync/hub.ts';

/** A hub behind a real HTTP server. */
export interface RunningHub {
  readonly hub: Hub;
  /** `http://127.0.0.1:<port>`. */
  readonly origin: string;
  /** `ws://127.0.0.1:<port>/sync`. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts a hub on a free port. Who connects says who he is in the query or the cookie:
 * `participant=<id>&role=<role>`; the participant `nobody` is turned away with 4403.
 */
export async function startHub(
  options: Pick<HubOptions, 'log'> & Partial<HubOptions>,
): Promise<RunningHub> {
  const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const hub = createHub({
    logger: silent,
    unloadAfterMs: 60_000,
    sealSecret: 'a secret of the tests',
    // Tests hold the clock; the pace of commits has a test of its own.
    commitEveryMs: 0,
    authorise: async (request) => {
      const { searchParams } = new URL(request.url ?? '', 'http://hub');
      const said = new URLSearchParams(
        `${searchParams.toString()}&${request.headers.cookie ?? ''}`,
      );
      const participantId = said.get('participant') ?? 'ann';
      const role = said.get('role') === 'viewer' ? 'viewer' : 'contributor';
      if (participantId === 'nobody') return { ok: false, closeCode: 4403 };
      return { ok: true, participantId, role };
    },
    ...options,
  });
  const server = createServer();
  server.on('upgrade', (request, socket, head) => hub.handleUpgrade(request, socket, head));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    hub,
    origin: `http://127.0.0.1:${port}`,
    url: `ws://127.0.0.1:${port}/sync`,
    stop: async () => {
      await hub.close(2_000);
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Somebody on a canvas by the stock client, over the network only. */
export interface Person {
  readonly canvas: CanvasDoc;
  readonly provider: WebsocketProvider;
  leave(): void;
}

export interface Visit {
  readonly url: string;
  readonly canvasId: string;
  readonly participantId: string;
  readonly role?: 'viewer' | 'contributor';
  /** Asks for the message types of our own. */
  readonly wantsExtras?: boolean;
  /** Continues with this document. */
  readonly doc?: Y.Doc;
}

/** Opens a canvas with the `y-websocket` package as it is. */
export function visit(visit: Visit): Person {
  const doc = visit.doc ?? new Y.Doc();
  const provider = new WebsocketProvider(visit.url, visit.canvasId, doc, {
    disableBc: true,
    params: { participant: visit.participantId, role: visit.role ?? 'contributor' },
    protocols: visit.wantsExtras ? [SYNC_SUBPROTOCOL] : [],
    // The package's type asks for the browser's class; `ws` has all that it uses.
    WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket,
  });
  const leave = (): void => provider.destroy();
  return { canvas: openCanvasDoc(doc), provider, leave };
}
