import type { TrainingRun } from '../../shared/training-run.ts';

/** Time, given, so that tests can hold it. */
interface Clock {
  /** Unix time in ms. */
  now(): number;
  /** Calls back once after `ms`; the returned function calls it off. */
  after(ms: number, callback: () => void): () => void;
}

const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

export interface PacedRunsOptions {
  readonly read: (trainingRunId: string) => Promise<TrainingRun | null>;
  readonly send: (run: TrainingRun) => void;
  /** Told of a run that could not be read; its next news are read again. */
  readonly onError: (error: unknown) => void;
  readonly clock?: Clock;
}

/** What is known of a run of which something was told. */
interface Entry {
  isReading: boolean;
  /** Something was told since it was read. */
  hasNews: boolean;
  sent: { readonly state: TrainingRun['state']; readonly at: number } | null;
  /** Calls off the reading that was put off. */
  callOff: () => void;
}

const EVERY_MS = 1_000;

/**
 * Sends runs of which something was told: a new state at once, progress at most once a second, and
 * always what is newest in the end.
 */
export class PacedRuns {
  readonly #options: PacedRunsOptions;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  #isClosed = false;

  constructor(options: PacedRunsOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  tell(trainingRunId: string): void {
    if (this.#isClosed) return;
    const entry = this.#entries.get(trainingRunId) ?? newEntry();
    this.#entries.set(trainingRunId, entry);
    entry.hasNews = true;
    if (!entry.isReading) void this.#readNews(trainingRunId, entry);
  }

  /** Nothing is sent from now on. */
  close(): void {
    this.#isClosed = true;
    for (const { callOff } of this.#entries.values()) callOff();
    this.#entries.clear();
  }

  /** One reading after the other, so that the last one sent is the newest. */
  async #readNews(trainingRunId: string, entry: Entry): Promise<void> {
    entry.isReading = true;
    try {
      while (entry.hasNews) {
        entry.hasNews = false;
        const run = await this.#options.read(trainingRunId);
        if (this.#isClosed) return;
        if (run) this.#offer(run, entry);
        else this.#entries.delete(trainingRunId);
      }
    } catch (error) {
      this.#options.onError(error);
    } finally {
      entry.isReading = false;
    }
  }

  #offer(run: TrainingRun, entry: Entry): void {
    const { sent } = entry;
    entry.callOff();
    const waitMs = sent?.state === run.state ? sent.at + EVERY_MS - this.#clock.now() : 0;
    if (waitMs > 0) {
      entry.callOff = this.#clock.after(waitMs, () => this.tell(run.id));
      return;
    }
    this.#options.send(run);
    entry.sent = { state: run.state, at: this.#clock.now() };
    if (run.finishedAt !== null) this.#entries.delete(run.id);
  }
}

function newEntry(): Entry {
  return { isReading: false, hasNews: false, sent: null, callOff: () => undefined };
}
