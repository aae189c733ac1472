import type { IncomingHttpHeaders, IncomingMessage, Server as HttpServer } from 'node:http';
import { Server } from 'socket.io';
import { AppError, toErrorReply } from '../../shared/errors.ts';
import type { CanvasJoined } from '../../shared/events.ts';
import { CanvasJoin, REALTIME_PATH } from '../../shared/events.ts';
import type { SketchPrediction } from '../../shared/prediction.ts';
import type { Canvases } from '../domain/canvases.ts';
import type { Logger } from '../logger.ts';
import type { Channel, Connection } from './channel.ts';
import { canvasRoom, projectRoom } from './channel.ts';

/** Clients ask for canvases by id, and nothing else. */
const MAX_MESSAGE_BYTES = 65_536;

export interface RealtimeOptions {
  readonly server: HttpServer;
  readonly participantIdOf: (request: IncomingMessage) => Promise<string | null>;
  readonly canvases: Canvases;
  /** The newest prediction of each sketch of an open canvas. */
  readonly predictionsOf: (canvasId: string) => SketchPrediction[];
  readonly logger: Logger;
}

/** The event channel; it hears nobody before `serveRealtime`. */
export function createChannel(isOriginAllowed: (headers: IncomingHttpHeaders) => boolean): Channel {
  return new Server({
    path: REALTIME_PATH,
    serveClient: false,
    maxHttpBufferSize: MAX_MESSAGE_BYTES,
    // Upgrades for other paths belong to the sync hub.
    destroyUpgrade: false,
    allowRequest: (request, decide) => decide(null, isOriginAllowed(request.headers)),
  });
}

/** Lets people in who have a session, and onto the canvases that they may open. */
export function serveRealtime(channel: Channel, options: RealtimeOptions): void {
  const { server, participantIdOf, logger } = options;
  channel.use((connection, next) => {
    participantIdOf(connection.request).then(
      (participantId) => {
        if (!participantId) return next(new Error('session.missing'));
        connection.data.participantId = participantId;
        next();
      },
      (error: unknown) => {
        const { code } = toErrorReply(error);
        logger.warn({ code }, 'realtime.session_unavailable');
        next(new Error(code));
      },
    );
  });
  channel.on('connection', (connection) => {
    connection.on('canvas:join', (request: unknown, reply) => {
      void join(connection, request, options).then((joined) => {
        // Not everybody waits for an answer.
        if (typeof reply === 'function') reply(joined);
      });
    });
  });
  channel.attach(server);
}

async function join(
  connection: Connection,
  request: unknown,
  { canvases, predictionsOf, logger }: RealtimeOptions,
): Promise<CanvasJoined> {
  try {
    const parsed = CanvasJoin.safeParse(request);
    if (!parsed.success)
      throw new AppError('request.invalid', 'A canvas is joined by its id: { canvasId }.');
    const { canvasId } = parsed.data;
    const { canvas } = await canvases.open(connection.data.participantId, canvasId);
    await connection.join([canvasRoom(canvasId), projectRoom(canvas.projectId)]);
    return { ok: true, predictions: predictionsOf(canvasId) };
  } catch (error) {
    if (!(error instanceof AppError)) logger.error({ err: error }, 'realtime.bug');
    return { ok: false, error: toErrorReply(error) };
  }
}
