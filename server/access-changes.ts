import type { Access } from './domain/access.ts';
import type { DatabaseNews } from './domain/learning-ports.ts';
import type { Dismissals } from './domain/standing.ts';
import type { Logger } from './logger.ts';
import type { Channel } from './realtime/channel.ts';
import { seatsOf } from './realtime/seats.ts';
import { AccessWatch } from './sync/access-watch.ts';
import { systemClock } from './sync/clock.ts';
import type { Hub } from './sync/hub.ts';

/** Whoever keeps what was granted true for those who are connected. */
export interface AccessChanges {
  /** Somebody has joined something, over whichever transport. */
  joined(participantId: string): void;
  close(): void;
}

/** Lets changes of roles count on both sockets, whichever server or person made them. */
export function followAccessChanges(options: {
  readonly hub: Hub;
  readonly channel: Channel;
  readonly news: DatabaseNews;
  readonly access: Access;
  readonly dismissals: Dismissals;
  readonly logger: Logger;
}): AccessChanges {
  const { hub, channel, news, access, dismissals, logger } = options;
  const watch = new AccessWatch({
    seats: () => [...hub.seats(), ...seatsOf(channel)],
    readStandings: (asked) => access.standingsOf(asked),
    ...{ dismissals, logger, clock: systemClock },
  });
  const joined = (participantId: string): void => watch.joined(participantId);
  const stops = [
    news.onAccessChanged((change) => watch.changed(change)),
    hub.onJoined(joined),
    () => watch.close(),
  ];
  return {
    joined,
    close: () => {
      for (const stop of stops) stop();
    },
  };
}
