/** What the hub counts from its start on; it only ever rises. */
export interface SyncCounters {
  /** Entries of the document that a client wrote and the hub took back. */
  refusedEntries: number;
  /** Writes and live ink of people who may only look, or of strokes that are somebody else's. */
  refusedMessages: number;
  badMessages: number;
  /** Live ink and presence that a slow reader did not get. */
  droppedMessages: number;
  slowCloses: number;
  loadFailures: number;
  /** Rows of the log that could not be read; they stay where they are. */
  unreadableUpdates: number;
  commits: number;
  commitFailures: number;
  compactionFailures: number;
}

/** All counters at zero. */
export function createCounters(): SyncCounters {
  return {
    refusedEntries: 0,
    refusedMessages: 0,
    badMessages: 0,
    droppedMessages: 0,
    slowCloses: 0,
    loadFailures: 0,
    unreadableUpdates: 0,
    commits: 0,
    commitFailures: 0,
    compactionFailures: 0,
  };
}
