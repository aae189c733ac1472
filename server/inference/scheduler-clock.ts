/** Time as the scheduler sees it; given, so that tests can hold it. */
export interface SchedulerClock {
  /** Milliseconds, with fractions, since any moment. */
  now(): number;
  /** Calls back once; after 0 ms when all that has already arrived has been read. */
  after(ms: number, callback: () => void): () => void;
}

/** The machine's clock. */
export const schedulerClock: SchedulerClock = {
  now: () => performance.now(),
  after: (ms, callback) => {
    if (ms <= 0) {
      const immediate = setImmediate(callback);
      return () => clearImmediate(immediate);
    }
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
