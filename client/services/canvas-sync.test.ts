import { WebSocket } from 'ws';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import * as Y from 'yjs';
import { addStroke, openCanvasDoc } from '../../shared/canvas-doc.ts';
import { buildInk } from '../../test/support/build-ink.ts';
import { eventually } from '../../test/support/eventually.ts';
import { MemoryCanvasLog } from '../../test/support/memory-canvas-log.ts';
import type { RunningHub } from '../../test/support/start-hub.ts';
import { startHub } from '../../test/support/start-hub.ts';
import type { CanvasSync, CanvasSyncOptions } from './canvas-sync.ts';

// The page's socket extends the browser's, which this Node does not have.
vi.stubGlobal('WebSocket', WebSocket);
const sync = await import('./canvas-sync.ts');

const CANVAS_ID = '7b0d4e9e-53a5-4a3e-8f0a-0c9f6f3a1b2c';
const STYLE = { tool: 'pen', color: '#26221d', width: 6 } as const;

let hub: RunningHub;
let log: MemoryCanvasLog;
let open: CanvasSync[];

beforeEach(async () => {
  log = new MemoryCanvasLog();
  hub = await startHub({ log });
  open = [];
});

afterEach(async () => {
  for (const each of open) each.close();
  await hub.stop();
});

function join(more: Partial<CanvasSyncOptions> = {}): { sync: CanvasSync; doc: Y.Doc } {
  const doc = more.doc ?? new Y.Doc();
  const joined = new sync.CanvasSync({
    ...{ doc, canvasId: CANVAS_ID, generation: 1, serverUrl: hub.url },
    ...{ role: 'contributor', copy: null, hasInk: (id) => openCanvasDoc(doc).ink.has(id) },
    ...more,
  });
  open.push(joined);
  return { sync: joined, doc };
}

function draw(doc: Y.Doc, id: string): void {
  addStroke(openCanvasDoc(doc), { id, sketchId: 's1', ink: buildInk('ann') }, 'own');
}

describe('the saving state', () => {
  test('is saved once the server has the canvas on disk', async () => {
    const ann = join();
    expect(ann.sync.state.kind).toBe('connecting');
    await eventually(() => expect(ann.sync.state.kind).toBe('saved'));
  });

  test('is saving until the commit of the newest stroke', async () => {
    const ann = join();
    await eventually(() => expect(ann.sync.state.kind).toBe('saved'));
    draw(ann.doc, 'one');
    expect(ann.sync.state.kind).toBe('saving');
    await eventually(() => expect(ann.sync.state.kind).toBe('saved'));
    expect(log.rows.length).toBeGreaterThan(0);
  });

  test('is not saved while the database is away', async () => {
    const ann = join();
    await eventually(() => expect(ann.sync.state.kind).toBe('saved'));
    log.failure = new Error('away');
    draw(ann.doc, 'one');
    await eventually(() => expect(ann.sync.state.kind).toBe('not_saving'));
    log.failure = null;
    await eventually(() => expect(ann.sync.state.kind).toBe('saved'));
  });
});

describe('live ink', () => {
  test('reaches the others while it is drawn, and goes when it is given up', async () => {
    const [ann, bob] = [join(), join()];
    await eventually(() => {
      expect(ann.sync.state.kind).toBe('saved');
      expect(bob.sync.state.kind).toBe('saved');
    });
    const points = { xs: [1, 2], ys: [3, 4], ts: [0, 8], pressures: [0.5, 0.5] };
    const frame = { strokeId: 'x/0', sketchId: 's1', sequence: 0, style: STYLE };
    expect(ann.sync.sendLive({ ...frame, isCancelled: false, points })).toBe(true);
    await eventually(() => {
      expect([...bob.sync.liveInk.strokes]).toMatchObject([{ id: 'x/0', xs: [1, 2] }]);
    });
    const none = { xs: [], ys: [], ts: [], pressures: [] };
    ann.sync.sendLive({ ...frame, sequence: 2, isCancelled: true, points: none });
    await eventually(() => expect([...bob.sync.liveInk.strokes]).toEqual([]));
  });

  test('is not sent without a connection', () => {
    const ann = join();
    const points = { xs: [1], ys: [1], ts: [0], pressures: [0.5] };
    const frame = { strokeId: 'x/0', sketchId: 's1', sequence: 0, style: STYLE, points };
    expect(ann.sync.sendLive({ ...frame, isCancelled: false })).toBe(false);
  });
});

describe('people', () => {
  test('see each other, oneself first, each once', async () => {
    const [ann, bob] = [join(), join()];
    ann.sync.introduce({ id: 'a', nickname: 'Ann', color: '#0b7fab' });
    bob.sync.introduce({ id: 'b', nickname: 'Bob', color: '#c2410c' });
    await eventually(() => {
      expect(bob.sync.people.map((person) => person.nickname)).toEqual(['Bob', 'Ann']);
    });
  });
});
