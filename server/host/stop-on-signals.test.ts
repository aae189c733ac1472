import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { stopOnSignals } from './stop-on-signals.ts';

let signals: EventEmitter;
let stops: number;
let exits: number[];
let told: string[];

/** A process whose work ends as given when it is asked to. */
function run(stop: () => Promise<void>, withinMs = 60_000): void {
  stopOnSignals({
    ...{ signals, withinMs },
    stop: () => {
      stops += 1;
      return stop();
    },
    exit: (code) => void exits.push(code),
    onStopping: (signal) => void told.push(signal),
    onFailed: (error) => void told.push(String(error)),
  });
}

beforeEach(() => {
  [signals, stops, exits, told] = [new EventEmitter(), 0, [], []];
});

describe('a process that is asked to end', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('by %s finishes, and ends well', async (signal) => {
    run(async () => undefined);
    signals.emit(signal);
    await eventually(() => expect(exits).toEqual([0]));
    expect(told).toEqual([signal]);
  });

  test('twice finishes once, and is not cut short by the second', async () => {
    let finish = (): void => undefined;
    run(() => new Promise((resolve) => (finish = resolve)));
    signals.emit('SIGTERM');
    signals.emit('SIGTERM');
    signals.emit('SIGINT');
    expect([stops, exits, told]).toEqual([1, [], ['SIGTERM']]);
    finish();
    await eventually(() => expect(exits).toEqual([0]));
  });

  test('and cannot finish says so, and ends badly', async () => {
    run(() => Promise.reject(new Error('Changes that could not be saved: 3.')));
    signals.emit('SIGTERM');
    await eventually(() => expect(exits).toEqual([1]));
    expect(told).toEqual(['SIGTERM', 'Error: Changes that could not be saved: 3.']);
  });

  test('and never finishes ends badly, in time', async () => {
    run(() => new Promise(() => undefined), 30);
    signals.emit('SIGTERM');
    await eventually(() => expect(exits).toEqual([1]));
    expect(told).toEqual(['SIGTERM', 'Error: The end took longer than 30 ms.']);
  });
});
