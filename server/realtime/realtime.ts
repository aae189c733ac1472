import type { IncomingHttpHeaders, IncomingMessage, Server as HttpServer } from 'node:http';
import { Server } from 'socket.io';
import type { ErrorReply } from '../../shared/errors.ts';
import { AppError, toErrorReply } from '../../shared/errors.ts';
import type { CanvasJoined, ProjectJoined } from '../../shared/events.ts';
import { CanvasJoin, ProjectJoin, REALTIME_PATH } from '../../shared/events.ts';
import type { SketchPrediction } from '../../shared/prediction.ts';
import type { Canvases } from '../domain/canvases.ts';
import type { Projects } from '../domain/projects.ts';
import type { Dismissals } from '../domain/standing.ts';
import type { Logger } from '../logger.ts';
import type { Channel, Connection } from './channel.ts';
import { canvasRoom, projectRoom } from './channel.ts';
import { enter } from './seats.ts';

/** Clients ask for canvases and projects by id, and nothing else. */
const MAX_MESSAGE_BYTES = 65_536;

export interface RealtimeOptions {
  readonly server: HttpServer;
  readonly participantIdOf: (request: IncomingMessage) => Promise<string | null>;
  readonly canvases: Canvases;
  readonly projects: Projects;
  /** The newest prediction of each sketch of an open canvas. */
  readonly predictionsOf: (canvasId: string) => SketchPrediction[];
  readonly dismissals: Dismissals;
  /** Told who has just joined a canvas or a project. */
  readonly onJoined: (participantId: string) => void;
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

/** Lets people in who have a session, onto the canvases that they may open, and into the projects that they may read. */
export function serveRealtime(channel: Channel, options: RealtimeOptions): void {
  const { server, participantIdOf, logger } = options;
  channel.use((connection, next) => {
    participantIdOf(connection.request).then(
      (participantId) => {
        if (!participantId) return next(new Error('session.missing'));
        connection.data = { participantId, rooms: new Map() };
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
      void joinCanvas(connection, request, options).then((joined) => answer(reply, joined));
    });
    connection.on('project:join', (request: unknown, reply) => {
      void joinProject(connection, request, options).then((joined) => answer(reply, joined));
    });
  });
  channel.attach(server);
}

/** Not everybody waits for an answer. */
function answer<T>(reply: (joined: T) => void, joined: T): void {
  if (typeof reply === 'function') reply(joined);
}

async function joinCanvas(
  connection: Connection,
  request: unknown,
  { canvases, dismissals, predictionsOf, onJoined, logger }: RealtimeOptions,
): Promise<CanvasJoined> {
  try {
    const parsed = CanvasJoin.safeParse(request);
    if (!parsed.success)
      throw new AppError('request.invalid', 'A canvas is joined by its id: { canvasId }.');
    const { canvasId } = parsed.data;
    const { participantId } = connection.data;
    const { canvas } = await canvases.open(
      participantId,
      canvasId,
      (projectId) => !dismissals.has({ projectId, participantId }),
    );
    const { projectId } = canvas;
    await enter(connection, projectId, [canvasRoom(canvasId), projectRoom(projectId)]);
    onJoined(participantId);
    return { ok: true, predictions: predictionsOf(canvasId) };
  } catch (error) {
    return refusalOf(error, logger);
  }
}

async function joinProject(
  connection: Connection,
  request: unknown,
  { projects, onJoined, logger }: RealtimeOptions,
): Promise<ProjectJoined> {
  try {
    const parsed = ProjectJoin.safeParse(request);
    if (!parsed.success)
      throw new AppError('request.invalid', 'A project is joined by its id: { projectId }.');
    const { participantId } = connection.data;
    const { id } = await projects.get(participantId, parsed.data.projectId);
    await enter(connection, id, [projectRoom(id)]);
    onJoined(participantId);
    return { ok: true };
  } catch (error) {
    return refusalOf(error, logger);
  }
}

function refusalOf(error: unknown, logger: Logger): { ok: false; error: ErrorReply } {
  if (!(error instanceof AppError)) logger.error({ err: error }, 'realtime.bug');
  return { ok: false, error: toErrorReply(error) };
}
