import type { LiveSeat } from '../domain/standing.ts';
import type { Channel, Connection } from './channel.ts';

/** Lets a connection hear what rooms of a project are told. */
export async function enter(
  connection: Connection,
  projectId: string,
  rooms: readonly string[],
): Promise<void> {
  for (const room of rooms) connection.data.rooms.set(room, projectId);
  await connection.join([...rooms]);
}

/** Every connection once for each project of which it hears: whoever may not read it leaves. */
export function seatsOf(channel: Channel): LiveSeat[] {
  return [...channel.sockets.sockets.values()].flatMap((connection) => {
    const { participantId, rooms } = connection.data;
    return [...new Set(rooms.values())].map((projectId) => ({
      ...{ participantId, place: { projectId } },
      settle: ({ kind }) => {
        if (kind !== 'member') leave(connection, projectId);
      },
    }));
  });
}

function leave(connection: Connection, projectId: string): void {
  const { rooms } = connection.data;
  for (const [room, of] of rooms) {
    if (of !== projectId) continue;
    rooms.delete(room);
    void connection.leave(room);
  }
}
