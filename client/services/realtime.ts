import type { Socket } from 'socket.io-client';
import { io } from 'socket.io-client';
import type {
  CanvasJoin,
  CanvasJoined,
  ClientEvents,
  ProjectJoin,
  ProjectJoined,
  ServerEvents,
} from '../../shared/events.ts';
import { REALTIME_PATH } from '../../shared/events.ts';

/** The part of the event channel that others build on; tests give their own. */
export interface Realtime {
  /** Hears an event until the returned function is called. */
  on<E extends keyof ServerEvents>(event: E, listener: ServerEvents[E]): () => void;
  /** Joins a canvas now and after every reconnect, until the returned function is called. */
  join(canvasId: string, joined: (reply: CanvasJoined) => void): () => void;
  /** The same for the news of a project, on none of its canvases. */
  joinProject(projectId: string, joined: (reply: ProjectJoined) => void): () => void;
}

/** The socket.io connection: predictions and news of the project. */
export class RealtimeSocket implements Realtime {
  readonly #socket: Socket = io({
    path: REALTIME_PATH,
    transports: ['websocket', 'polling'],
    autoConnect: false,
  });

  on<E extends keyof ServerEvents>(event: E, listener: ServerEvents[E]): () => void {
    this.#socket.on<string>(event, listener);
    return () => this.#socket.off<string>(event, listener);
  }

  join(canvasId: string, joined: (reply: CanvasJoined) => void): () => void {
    const event = 'canvas:join' satisfies keyof ClientEvents;
    const request = { canvasId } satisfies CanvasJoin;
    return this.#whenConnected(() => this.#socket.emit(event, request, joined));
  }

  joinProject(projectId: string, joined: (reply: ProjectJoined) => void): () => void {
    const event = 'project:join' satisfies keyof ClientEvents;
    const request = { projectId } satisfies ProjectJoin;
    return this.#whenConnected(() => this.#socket.emit(event, request, joined));
  }

  #whenConnected(ask: () => void): () => void {
    this.#socket.on('connect', ask);
    if (this.#socket.connected) ask();
    else this.#socket.connect();
    return () => this.#socket.off('connect', ask);
  }
}
