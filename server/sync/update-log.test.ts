import { beforeEach, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { eventually } from '../../test/support/eventually.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { MemoryCanvasLog } from '../../test/support/memory-canvas-log.ts';
import type { LogEntry } from './canvas-log.ts';
import type { SyncCounters } from './counters.ts';
import { createCounters } from './counters.ts';
import { UpdateLog } from './update-log.ts';

/** A log that refuses one canvas, as a database does when it has been deleted. */
class PickyCanvasLog extends MemoryCanvasLog {
  refused = '';

  override async append(batch: readonly LogEntry[]): Promise<bigint[]> {
    if (batch.some(({ canvasId }) => canvasId === this.refused)) throw new Error('No such canvas');
    return super.append(batch);
  }
}

let log: PickyCanvasLog;
let clock: ManualClock;
let counters: SyncCounters;
let updateLog: UpdateLog;
let failures: string[];

beforeEach(() => {
  log = new PickyCanvasLog();
  clock = new ManualClock();
  counters = createCounters();
  failures = [];
  const onFailure = (canvasId: string): void => void failures.push(canvasId);
  updateLog = new UpdateLog({ log, clock, counters, onFailure });
});

/** Updates that set one key each, in order. */
function updates(count: number): Uint8Array[] {
  const doc = new Y.Doc();
  const made: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => made.push(update));
  for (let i = 0; i < count; i++) doc.getMap('m').set(`k${i}`, i);
  return made;
}

function update(): Uint8Array {
  return updates(1)[0] ?? new Uint8Array();
}

describe('commits at a pace', () => {
  test('begin at once when nothing went before, and then so far apart', async () => {
    const paced = new UpdateLog({
      log,
      clock,
      counters,
      commitEveryMs: 16,
      onFailure: () => undefined,
    });
    const writer = paced.open('a');
    writer.append(update(), 'ann');
    await writer.whenSaved();
    for (const one of updates(3)) writer.append(one, 'ann');
    clock.advance(15);
    await new Promise(setImmediate);
    expect(log.commits).toBe(1);
    const saved = writer.whenSaved();
    clock.advance(1);
    await saved;
    expect(log.commits).toBe(2);
    expect(log.rows).toHaveLength(2);
  });
});

describe('a flush', () => {
  test('makes one commit of all canvases, one row each', async () => {
    const [a, b] = [updateLog.open('a'), updateLog.open('b')];
    for (const one of updates(200)) a.append(one, 'ann');
    b.append(update(), 'ben');
    await Promise.all([a.whenSaved(), b.whenSaved()]);
    expect(log.commits).toBe(1);
    expect(log.rows).toMatchObject([
      { canvasId: 'a', authorId: 'ann' },
      { canvasId: 'b', authorId: 'ben' },
    ]);
    const doc = new Y.Doc();
    for (const row of log.rows.slice(0, 1)) Y.applyUpdate(doc, row.update);
    expect(doc.getMap('m').size).toBe(200);
  });

  test('calls back in the order of the log, each when its own change is committed', async () => {
    const writer = updateLog.open('a');
    const saved: string[] = [];
    writer.append(update(), 'ann');
    writer.afterCommit(() => saved.push('first'));
    const letGo = log.hold();
    await eventually(() => expect(updateLog.unsaved.updates).toBe(1));
    writer.append(update(), 'ann');
    writer.afterCommit(() => saved.push('second'));
    writer.afterCommit(() => saved.push('nothing new'));
    expect(saved).toEqual([]);
    letGo();
    await writer.whenSaved();
    expect(saved).toEqual(['first', 'second', 'nothing new']);
    expect(updateLog.unsaved).toEqual({ updates: 0, bytes: 0, oldestAt: Infinity });
  });

  test('that fails is tried again with growing pauses and loses nothing', async () => {
    const writer = updateLog.open('a');
    log.failure = new Error('away');
    writer.append(update(), 'ann');
    for (const [attempts, pauseMs] of [100, 200, 400, 800, 1_600, 2_000, 2_000].entries()) {
      await eventually(() => expect(counters.commitFailures).toBe(attempts + 1));
      clock.advance(pauseMs - 1);
      writer.append(update(), 'ann');
      await new Promise(setImmediate);
      expect(counters.commitFailures).toBe(attempts + 1);
      clock.advance(1);
    }
    log.failure = null;
    await writer.whenSaved();
    expect(log.rows).toHaveLength(1);
    expect(updateLog.unsaved.updates).toBe(0);
  });
});

describe('a canvas that cannot be written', () => {
  test('holds up no other', async () => {
    const [gone, fine] = [updateLog.open('gone'), updateLog.open('fine')];
    log.refused = 'gone';
    gone.append(update(), 'ann');
    fine.append(update(), 'ben');
    await fine.whenSaved();
    expect(failures).toEqual(['gone']);
    fine.append(update(), 'ben');
    await fine.whenSaved();
    expect(log.rows.map(({ canvasId }) => canvasId)).toEqual(['fine', 'fine']);
    expect(gone.unsaved.updates).toBe(1);
  });

  test('forgets nothing that comes while a retry is under way', async () => {
    const writer = updateLog.open('a');
    const [first, second] = updates(2);
    log.refused = 'a';
    writer.append(first ?? update(), 'ann');
    await eventually(() => expect(failures).toEqual(['a']));
    log.refused = '';
    const letGo = log.hold();
    clock.advance(100);
    await new Promise(setImmediate);
    writer.append(second ?? update(), 'ann');
    letGo();
    await writer.whenSaved();
    expect(writer.unsaved.updates).toBe(0);
    expect(log.rows).toHaveLength(2);
  });

  test('is given up when it is closed, and whoever waits is told', async () => {
    const gone = updateLog.open('gone');
    log.refused = 'gone';
    gone.append(update(), 'ann');
    const waiting = gone.whenSaved();
    await eventually(() => expect(failures).toEqual(['gone']));
    updateLog.close(gone);
    await expect(waiting).rejects.toThrow('closed before it was saved');
    clock.advance(10_000);
    await new Promise(setImmediate);
    expect(failures).toEqual(['gone']);
  });
});

test('people are told once that nothing is saved, and once that it is again', async () => {
  const writer = updateLog.open('a');
  const told: boolean[] = [];
  writer.onSavingChanged = (isSaving) => told.push(isSaving);
  const letGo = log.hold();
  writer.append(update(), 'ann');
  clock.advance(1_999);
  expect(told).toEqual([]);
  clock.advance(10_000);
  expect(told).toEqual([false]);
  letGo();
  await writer.whenSaved();
  expect(told).toEqual([false, true]);
});
