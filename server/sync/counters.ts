/** What the hub counts from its start on; it only ever rises. */
export interface SyncCounters {
  /** Entries of the document that a client wrote and the hub took back. */
  refusedEntries: number;
  /** Strokes of others that somebody brought without the hub's seal; their authors bring them. */
  leftOutStrokes: number;
  /** Writes and live ink of people who may only look, or of strokes that are somebody else's. */
  refusedMessages: number;
  badMessages: number;
  /** Pieces of live ink that reached somebody else, each as often as it did. */
  liveFramesDelivered: number;
  /** Live ink and presence that a slow reader did not get. */
  droppedMessages: number;
  slowCloses: number;
  /** Connections that were closed for sending too much, or refused for being too many. */
  rateLimited: number;
  loadFailures: number;
  /** Rows of the log that could not be read, and were set aside. */
  unreadableUpdates: number;
  commits: number;
  commitFailures: number;
  /** Times that a snapshot took the place of a canvas' log. */
  compactions: number;
  compactionFailures: number;
}

/** All counters at zero. */
export function createCounters(): SyncCounters {
  return {
    refusedEntries: 0,
    leftOutStrokes: 0,
    refusedMessages: 0,
    badMessages: 0,
    liveFramesDelivered: 0,
    droppedMessages: 0,
    slowCloses: 0,
    rateLimited: 0,
    loadFailures: 0,
    unreadableUpdates: 0,
    commits: 0,
    commitFailures: 0,
    compactions: 0,
    compactionFailures: 0,
  };
}
