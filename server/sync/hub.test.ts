import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { addStroke, readStrokes } from '../../shared/canvas-doc.ts';
import { eventually } from '../../test/support/eventually.ts';
import { buildInk } from '../../test/support/build-ink.ts';
import { MemoryCanvasLog } from '../../test/support/memory-canvas-log.ts';
import type { Person, RunningHub } from '../../test/support/start-hub.ts';
import { startHub, visit } from '../../test/support/start-hub.ts';

let log: MemoryCanvasLog;
let running: RunningHub;
let canvasId: string;
const people: Person[] = [];

beforeEach(async () => {
  log = new MemoryCanvasLog();
  canvasId = randomUUID();
  running = await startHub({ log });
});

afterEach(async () => {
  for (const person of people.splice(0)) person.leave();
  await running.stop();
});

function come(participantId: string): Person {
  const person = visit({ url: running.url, canvasId, participantId });
  people.push(person);
  return person;
}

describe('with the stock y-websocket client', () => {
  test('two people see the same canvas', async () => {
    const [ann, ben] = [come('ann'), come('ben')];
    await eventually(() => expect([ann, ben].every(({ provider }) => provider.synced)).toBe(true));
    addStroke(ann.canvas, { id: 'a1', sketchId: 's1', ink: buildInk('ann') }, null);
    addStroke(ben.canvas, { id: 'b1', sketchId: 's2', ink: buildInk('ben') }, null);
    await eventually(() => {
      expect(readStrokes(ann.canvas).map(({ id }) => id)).toEqual(['a1', 'b1']);
      expect(readStrokes(ben.canvas).map(({ id }) => id)).toEqual(['a1', 'b1']);
    });
  });
});
