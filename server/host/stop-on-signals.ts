import type { EventEmitter } from 'node:events';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface StopOptions {
  /** What the signals come by: the process. */
  readonly signals: EventEmitter;
  /** Finishes everything; a failure makes the end a bad one. */
  readonly stop: () => Promise<void>;
  /** After so long nothing is waited for any more. */
  readonly withinMs: number;
  readonly exit: (code: 0 | 1) => void;
  readonly onStopping: (signal: string) => void;
  readonly onFailed: (error: unknown) => void;
}

/** Ends the process at the first signal that asks for it, well or not, but in time. */
export function stopOnSignals(options: StopOptions): void {
  const { signals, stop, withinMs, exit, onStopping, onFailed } = options;
  let isStopping = false;
  const end = async (signal: string): Promise<void> => {
    // Ctrl+C reaches the whole group, and the start script passes it on as well.
    if (isStopping) return;
    isStopping = true;
    onStopping(signal);
    const late = new Error(`The end took longer than ${withinMs} ms.`);
    const timer = setTimeout(() => fail(late), withinMs);
    const fail = (error: unknown): void => {
      clearTimeout(timer);
      onFailed(error);
      exit(1);
    };
    try {
      await stop();
    } catch (error) {
      return fail(error);
    }
    clearTimeout(timer);
    exit(0);
  };
  for (const signal of SIGNALS) signals.on(signal, () => void end(signal));
}
