import type { Rooms, SyncLogger } from './rooms.ts';
import type { SyncUpgrade } from './upgrade.ts';

/** Of the time there is, so much goes to commits; the rest is for goodbyes and snapshots. */
const SHARE_FOR_COMMITS = 0.75;

/** What people sent before they knew is waited for, until so long nothing has come ... */
const QUIET_MS = 250;
/** ... or for so long, when somebody draws on. */
const LISTEN_ON_MS = 1_500;

/**
 * Ends the hub within the time given, whatever the database and the clients do: turns new people
 * away, commits what was drawn and acknowledges it, tells everybody to come back later, and stores
 * snapshots as far as there is time. What could not be committed is told; its authors still have it.
 */
export async function closeHub(
  { rooms, upgrade, logger }: { rooms: Rooms; upgrade: SyncUpgrade; logger: SyncLogger },
  withinMs: number,
): Promise<void> {
  const giveUpAt = performance.now() + withinMs;
  const commitUntil = performance.now() + SHARE_FOR_COMMITS * withinMs;
  await within(
    LISTEN_ON_MS,
    rooms.drain().then(() => untilQuiet(rooms)),
  );
  await within(commitUntil - performance.now(), rooms.whenSaved());
  // Before the rooms end: nothing may come in any more when they are stored for the last time.
  await upgrade.close();
  await within(giveUpAt - performance.now(), rooms.close());
  const { updates, bytes } = rooms.unsaved;
  if (updates > 0) logger.error({ updates, bytes }, 'sync.not_saved');
}

async function untilQuiet(rooms: Rooms): Promise<void> {
  let seen = -1;
  while (rooms.appended !== seen) {
    seen = rooms.appended;
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
  }
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, ms));
  });
  await Promise.race([work, deadline]);
  clearTimeout(timer);
}
