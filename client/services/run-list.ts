import type { TrainingRun, TrainingRunState } from '../../shared/training-run.ts';

const RANK: Readonly<Record<TrainingRunState, number>> = {
  queued: 0,
  running: 1,
  succeeded: 2,
  failed: 2,
  cancelled: 2,
};

/** A project's newest training runs. Replies and events may come in any order: no run goes back. */
export class RunList {
  readonly #runs = new Map<string, TrainingRun>();

  add(run: TrainingRun): void {
    const known = this.#runs.get(run.id);
    if (!known || isLater(run, known)) this.#runs.set(run.id, run);
  }

  /** The run that is trained, else the one that waits. */
  get active(): TrainingRun | null {
    return this.#newest('running') ?? this.#oldestQueued;
  }

  /** The one that waits behind the running one, the first where a rebuild waits as well. */
  get next(): TrainingRun | null {
    return this.#newest('running') ? this.#oldestQueued : null;
  }

  /** The newest of those that have ended. */
  get last(): TrainingRun | null {
    return this.#newest('succeeded', 'failed', 'cancelled');
  }

  get #oldestQueued(): TrainingRun | null {
    return this.#newestFirst('queued').at(-1) ?? null;
  }

  #newest(...states: readonly TrainingRunState[]): TrainingRun | null {
    return this.#newestFirst(...states)[0] ?? null;
  }

  #newestFirst(...states: readonly TrainingRunState[]): TrainingRun[] {
    const runs = [...this.#runs.values()].filter(({ state }) => states.includes(state));
    return runs.sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  }
}

function isLater(run: TrainingRun, known: TrainingRun): boolean {
  const ranks = RANK[run.state] - RANK[known.state];
  if (ranks !== 0) return ranks > 0;
  return run.progress.milliseconds >= known.progress.milliseconds;
}
