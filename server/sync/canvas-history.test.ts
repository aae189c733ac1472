import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import type { Guest } from '../../test/support/hub-guests.ts';
import { buildFrame, HubGuests } from '../../test/support/hub-guests.ts';
import { eventually } from '../../test/support/eventually.ts';
import { MemoryCanvasLog } from '../../test/support/memory-canvas-log.ts';
import { addStroke, cutStroke, openCanvasDoc, readStrokes } from '../../shared/canvas-doc.ts';
import type { CanvasState } from '../domain/ports.ts';
import type { Replacement } from './canvas-log.ts';
import { SnapshotSuperseded } from './canvas-log.ts';
import { readStoredCanvas } from './stored-canvas.ts';

const guests = HubGuests.forEachTest();

function draw({ canvas }: Guest, strokeId: string, authorId = 'ann'): void {
  const points = { xs: [0, 10], ys: [0, 10], ts: [0, 16], pressures: [1, 1] };
  const style = { tool: 'pen', color: '#000000', width: 4 } as const;
  const ink = { authorId, startedAt: Number.parseInt(strokeId, 36), style, points };
  addStroke(canvas, { id: strokeId, sketchId: 'sketch-of-ann', ink }, null);
}

function shown({ canvas }: Guest): string[] {
  return readStrokes(canvas).map(({ id }) => id);
}

async function saved(guest: Guest): Promise<void> {
  await eventually(() => expect(guest.connection.isSaved).toBe(true));
}

async function storedState(): Promise<Y.Doc> {
  const stored = await guests.log.load(guests.canvasId);
  return readStoredCanvas(stored ?? { snapshot: null, updates: [] }).doc;
}

function documents(): typeof guests.hub.documents {
  return guests.hub.documents;
}

const ignore = async (): Promise<void> => Promise.resolve();

describe('a canvas that is restored', () => {
  test('shows what it showed then, for everybody and on disk', async () => {
    const ann = await guests.come('ann');
    const ben = await guests.come('ben');
    draw(ann, 'a');
    draw(ann, 'b');
    await saved(ann);
    const version = await documents().capture(guests.canvasId);
    expect(version.strokes).toBe(2);
    cutStroke(ann.canvas, { strokeId: 'a', eraseId: 'e' }, null);
    draw(ann, 'c');
    await saved(ann);
    let before: CanvasState | null = null;
    await documents().restore(guests.canvasId, version.bytes, async (state) => {
      before = state;
      return Promise.resolve();
    });
    expect(before).toMatchObject({ strokes: 2 });
    await eventually(() => expect(shown(ben)).toEqual(['a', 'b']));
    await eventually(() => expect(shown(ann)).toEqual(['a', 'b']));
    expect((await storedState()).toJSON()).toEqual(ann.canvas.doc.toJSON());
    expect(ann.canvas.doc.toJSON()).toEqual(ben.canvas.doc.toJSON());
  });

  test('twice is not changed the second time', async () => {
    const ann = await guests.come('ann');
    draw(ann, 'a');
    await saved(ann);
    const { bytes } = await documents().capture(guests.canvasId);
    draw(ann, 'b');
    await saved(ann);
    await documents().restore(guests.canvasId, bytes, ignore);
    const after = Y.encodeStateAsUpdate(await storedState());
    const { commits } = guests.log;
    await documents().restore(guests.canvasId, bytes, ignore);
    expect(guests.log.commits).toBe(commits);
    expect(Y.encodeStateAsUpdate(await storedState())).toEqual(after);
  });

  test('by two at once ends as one of them says, with both kept before', async () => {
    const ann = await guests.come('ann');
    draw(ann, 'a');
    await saved(ann);
    const one = await documents().capture(guests.canvasId);
    cutStroke(ann.canvas, { strokeId: 'a', eraseId: 'e' }, null);
    draw(ann, 'b');
    draw(ann, 'c');
    await saved(ann);
    const two = await documents().capture(guests.canvasId);
    draw(ann, 'd');
    await saved(ann);
    const kept: number[] = [];
    const keep = async ({ strokes }: CanvasState): Promise<void> => {
      kept.push(strokes);
      return new Promise(setImmediate);
    };
    await Promise.all([
      documents().restore(guests.canvasId, one.bytes, keep),
      documents().restore(guests.canvasId, two.bytes, keep),
    ]);
    expect(kept).toEqual([3, 1]);
    await eventually(() => expect(shown(ann)).toEqual(['b', 'c']));
  });

  test('keeps what is drawn while the state before is kept, and live ink goes on', async () => {
    const [ann, ben] = [await guests.come('ann'), await guests.come('ben')];
    const { bytes } = await documents().capture(guests.canvasId);
    draw(ann, 'a');
    ben.connection.sendLiveFrame(buildFrame([0, 1, 2]));
    await saved(ann);
    await eventually(() => expect(ann.connection.liveFrames).toHaveLength(1));
    await documents().restore(guests.canvasId, bytes, async () => {
      draw(ann, 'b');
      await saved(ann);
    });
    await eventually(() => expect(shown(ben)).toEqual(['b']));
    const more = { sequence: 3, points: { ...buildFrame([3]).points } };
    ben.connection.sendLiveFrame(buildFrame([3], more));
    await eventually(() => expect(ann.connection.liveFrames.length).toBeGreaterThan(1));
  });

  test('is left alone when what was there could not be kept', async () => {
    const ann = await guests.come('ann');
    const { bytes } = await documents().capture(guests.canvasId);
    draw(ann, 'a');
    await saved(ann);
    const restoring = documents().restore(guests.canvasId, bytes, async () =>
      Promise.reject(new Error('No place')),
    );
    await expect(restoring).rejects.toThrow('No place');
    expect(shown(ann)).toEqual(['a']);
    expect(readStrokes(openCanvasDoc(await storedState()))).toHaveLength(1);
  });

  test('is nothing to restore when it has been deleted', async () => {
    const { bytes } = await documents().capture(guests.canvasId);
    guests.log.unknown.add(guests.canvasId);
    await guests.hub.forgetCanvas(guests.canvasId);
    const restoring = documents().restore(guests.canvasId, bytes, ignore);
    await expect(restoring).rejects.toMatchObject({ code: 'canvas.unknown' });
  });
});

test('a canvas that is deleted while it is loaded is put away when it comes', async () => {
  const load = guests.log.hold();
  const ann = guests.knock('ann');
  await eventually(() => expect(guests.log.loads).toBe(1));
  await guests.hub.forgetCanvas(guests.canvasId);
  guests.log.unknown.add(guests.canvasId);
  load();
  await eventually(() => expect(ann.connection.closeCode).not.toBeNull());
  expect(ann.connection.isSynced).toBe(false);
  expect(guests.hub.metrics().rooms).toBe(0);
});

describe('a canvas that is begun anew', () => {
  test('holds what it shows, without what was erased and without its past', async () => {
    const [ann, ben] = [await guests.come('ann'), await guests.come('ben')];
    for (let n = 0; n < 30; n++) draw(ann, `old${n}`);
    for (let n = 0; n < 30; n++) cutStroke(ann.canvas, { strokeId: `old${n}`, eraseId: 'e' }, null);
    draw(ann, 'a');
    ann.canvas.cuts.set('a:half', [[0, 0.5]]);
    await saved(ann);
    const bytesBefore = Y.encodeStateAsUpdate(await storedState()).length;
    let kept = 0;
    await documents().renew(guests.canvasId, async ({ strokes }) => {
      kept = strokes;
      return Promise.resolve();
    });
    expect(kept).toBe(1);
    for (const { connection } of [ann, ben])
      await eventually(() => expect(connection.closeCode).toBe(4409));
    const stored = await guests.log.load(guests.canvasId);
    expect(stored).toMatchObject({ generation: 2, updates: [] });
    expect(stored?.snapshot?.length ?? bytesBefore).toBeLessThan(bytesBefore / 5);
    const cam = await guests.come('cam');
    expect(shown(cam)).toEqual(['a']);
    expect([...cam.canvas.cuts.keys()]).toEqual(['a:half']);
    expect(cam.canvas.ink.size).toBe(1);
    draw(cam, 'b', 'cam');
    await saved(cam);
    expect(readStrokes(openCanvasDoc(await storedState())).map(({ id }) => id)).toEqual(['a', 'b']);
  });

  test('finishes what is being drawn, and keeps what comes while it is stored', async () => {
    const [ann, ben] = [await guests.come('ann'), await guests.come('ben')];
    ben.connection.sendLiveFrame(buildFrame([0, 1, 2]));
    draw(ann, 'a');
    await saved(ann);
    await eventually(() => expect(ann.connection.liveFrames).toHaveLength(1));
    const renew = guests.log.renew.bind(guests.log);
    guests.log.renew = async (canvasId, renewal) => {
      draw(ann, 'late');
      await eventually(() => expect(shown(ben)).toContain('late'));
      expect(ann.connection.isSaved).toBe(false);
      await renew(canvasId, renewal);
    };
    await documents().renew(guests.canvasId, ignore);
    const cam = await guests.come('cam');
    expect(shown(cam).sort()).toEqual(['a', 'late', 'live-1']);
    expect(ann.connection.isSaved).toBe(false);
  });

  test('loses no stroke that was acknowledged, however many draw on meanwhile', async () => {
    const names = ['ann', 'ben', 'cam', 'dan'];
    const people = await Promise.all(names.map((name) => guests.come(name)));
    const drawn = new Map<string, { readonly guest: Guest; readonly sent: number }>();
    let generation = 1;
    const drawAll = async (): Promise<void> => {
      for (let n = 0; people.some(({ connection }) => connection.closeCode === null); n++) {
        for (const [i, guest] of people.entries()) {
          if (guest.connection.closeCode !== null) continue;
          const id = `${i}x${n}`;
          const before = guest.connection.sent;
          draw(guest, id, names[i]);
          const { sent } = guest.connection;
          // Not on a line that is being closed.
          if (sent > before) drawn.set(id, { guest, sent });
        }
        await new Promise(setImmediate);
        // A while of drawing before, so that commits are under way.
        if (n === 20)
          void documents()
            .renew(guests.canvasId, ignore)
            .then(() => (generation += 1));
      }
    };
    await drawAll();
    await eventually(() => expect(generation).toBe(2));
    const acknowledged = [...drawn]
      .filter(([, { guest, sent }]) => sent <= guest.connection.acknowledged)
      .map(([id]) => id);
    expect(acknowledged.length).toBeGreaterThan(people.length);
    const stored = new Set(readStrokes(openCanvasDoc(await storedState())).map(({ id }) => id));
    expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
  });

  test('goes on as it was when that could not be kept or stored', async () => {
    const ann = await guests.come('ann');
    draw(ann, 'a');
    await saved(ann);
    const failing = documents().renew(guests.canvasId, async () =>
      Promise.reject(new Error('No place')),
    );
    await expect(failing).rejects.toThrow('No place');
    guests.log.renew = async () => Promise.reject(new SnapshotSuperseded());
    await expect(documents().renew(guests.canvasId, ignore)).rejects.toThrow(SnapshotSuperseded);
    draw(ann, 'b');
    await saved(ann);
    expect(ann.connection.closeCode).toBeNull();
    expect(await guests.log.load(guests.canvasId)).toMatchObject({ generation: 1 });
  });

  test.each([
    ['stored', true],
    ['not stored', false],
  ])(
    'is loaded again when the answer of the database was lost and it was %s',
    async (_, isStored) => {
      const ann = await guests.come('ann');
      draw(ann, 'a');
      cutStroke(ann.canvas, { strokeId: 'a', eraseId: 'e' }, null);
      draw(ann, 'b');
      await saved(ann);
      const renew = guests.log.renew.bind(guests.log);
      guests.log.renew = async (
        canvasId: string,
        renewal: Replacement & { readonly generation: number },
      ) => {
        if (isStored) await renew(canvasId, renewal);
        throw new Error('The connection was lost');
      };
      await expect(documents().renew(guests.canvasId, ignore)).rejects.toThrow('lost');
      await eventually(() => expect(ann.connection.closeCode).toBe(4503));
      const ben = await guests.come('ben');
      expect(shown(ben)).toEqual(['b']);
      expect(ben.canvas.ink.size).toBe(isStored ? 1 : 2);
    },
  );

  test('loses nothing that another server has stored', async () => {
    const ann = await guests.come('ann');
    draw(ann, 'a');
    await saved(ann);
    const far = openCanvasDoc(new Y.Doc());
    draw({ ...ann, canvas: far }, 'theirs', 'ben');
    const update = Y.encodeStateAsUpdate(far.doc);
    await guests.log.append([{ canvasId: guests.canvasId, authorId: 'ben', update }]);
    await documents().renew(guests.canvasId, ignore);
    const cam = await guests.come('cam');
    expect(shown(cam).sort()).toEqual(['a', 'theirs']);
  });

  test('is refused at once while changes cannot be saved', async () => {
    const ann = await guests.come('ann');
    draw(ann, 'a');
    await saved(ann);
    guests.log.failure = new Error('away');
    draw(ann, 'b');
    await eventually(() => expect(ann.connection.notices).toContainEqual({ kind: 'not_saving' }));
    const renewing = documents().renew(guests.canvasId, ignore);
    await expect(renewing).rejects.toMatchObject({ code: 'database.unavailable' });
    guests.log.failure = null;
    await saved(ann);
  });
});

test('a log in memory behaves like the real one where it matters here', async () => {
  const log = new MemoryCanvasLog();
  const [seq = 0n] = await log.append([
    { canvasId: 'c', authorId: null, update: new Uint8Array() },
  ]);
  const known = { snapshot: new Uint8Array(), seqs: [], replaces: null };
  await expect(log.renew('c', { ...known, generation: 1 })).rejects.toThrow(SnapshotSuperseded);
  await log.compact('c', { ...known, seqs: [seq] });
  await expect(log.compact('c', known)).rejects.toThrow(SnapshotSuperseded);
});
