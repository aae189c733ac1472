import type { Server, Socket } from 'socket.io';
import type { ClientEvents, ServerEvents } from '../../shared/events.ts';

/** What the server knows of a connection. */
interface ConnectionData {
  participantId: string;
  /** The rooms joined so far, each with the project that it is about. */
  rooms: Map<string, string>;
}

type NoEvents = Record<string, never>;
export type Channel = Server<ClientEvents, ServerEvents, NoEvents, ConnectionData>;
export type Connection = Socket<ClientEvents, ServerEvents, NoEvents, ConnectionData>;

/** Everybody on a canvas. */
export function canvasRoom(canvasId: string): string {
  return `canvas:${canvasId}`;
}

/** Everybody on any canvas of a project, and whoever looks at how it learns. */
export function projectRoom(projectId: string): string {
  return `project:${projectId}`;
}
