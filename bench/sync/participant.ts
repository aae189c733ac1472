import type { ServerKind } from './servers.ts';
import { OurParticipant } from './our-participant.ts';
import { PeerParticipant } from './peer-participant.ts';
import type { Tally } from './tally.ts';

/** Where a participant goes. */
export interface Seat {
  readonly kind: ServerKind;
  readonly url: string;
  readonly room: string;
  /** Its number among all participants of the load, from 0. */
  readonly author: number;
  readonly tally: Tally;
}

/** Somebody on a canvas, who draws frame after frame and counts what comes of others. */
export interface Participant {
  /** The close code, null while the connection stands. */
  readonly closeCode: number | null;
  /** Writes that are not acknowledged yet; always 0 where there are no acks. */
  readonly unacknowledged: number;
  /** Sends its next frame; the frame that ends a stroke is followed by the finished stroke. */
  drawFrame(now: number): void;
  /** Stops reading. */
  pause(): void;
  leave(): void;
}

/** Connects, and resolves when the document has come. */
function takeSeat(seat: Seat): Promise<Participant> {
  return seat.kind === 'ours' ? OurParticipant.join(seat) : PeerParticipant.join(seat);
}

/** Many connections, but not all in the same instant: the listening queue is not what is measured. */
export async function takeSeats(seats: readonly Seat[], atOnce = 50): Promise<Participant[]> {
  const participants: Participant[] = [];
  for (let from = 0; from < seats.length; from += atOnce)
    participants.push(...(await Promise.all(seats.slice(from, from + atOnce).map(takeSeat))));
  return participants;
}
