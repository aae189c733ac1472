import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { addStroke, cutStroke, readSketch, readStrokes } from '../../shared/canvas-doc.ts';
import { buildInk } from '../../test/support/build-ink.ts';
import { eventually } from '../../test/support/eventually.ts';
import { buildFrame, HubGuests } from '../../test/support/hub-guests.ts';
import type { Person } from '../../test/support/start-hub.ts';
import type { SketchChange } from './sketch-feed.ts';

const guests = HubGuests.forEachTest();

function draw(person: Pick<Person, 'canvas'>, id: string, authorId: string): void {
  addStroke(
    person.canvas,
    { id, sketchId: `sketch-of-${authorId}`, ink: buildInk(authorId) },
    null,
  );
}

function idsOf(person: Pick<Person, 'canvas'>): string[] {
  return readStrokes(person.canvas).map(({ id }) => id);
}

async function synced(...people: Person[]): Promise<void> {
  await eventually(() => expect(people.every(({ provider }) => provider.synced)).toBe(true));
}

/** Until what was drawn is in the log. */
async function logged(): Promise<void> {
  await eventually(() => expect(guests.log.rows).not.toHaveLength(0));
}

describe('with the stock y-websocket client', () => {
  test('two people see the same canvas', async () => {
    const [ann, ben] = [guests.comeAsStock('ann'), guests.comeAsStock('ben')];
    await synced(ann, ben);
    draw(ann, 'a', 'ann');
    draw(ben, 'b', 'ben');
    await eventually(() => {
      expect(idsOf(ann)).toEqual(['a', 'b']);
      expect(idsOf(ben)).toEqual(['a', 'b']);
    });
  });

  test('what was drawn offline arrives after the reconnect', async () => {
    const [ann, ben] = [guests.comeAsStock('ann'), guests.comeAsStock('ben')];
    await synced(ann, ben);
    ann.provider.disconnect();
    draw(ann, 'a', 'ann');
    draw(ben, 'b', 'ben');
    ann.provider.connect();
    await eventually(() => {
      expect(idsOf(ann)).toEqual(['a', 'b']);
      expect(idsOf(ben)).toEqual(['a', 'b']);
    });
  });

  test('people see who is there, and who has left', async () => {
    const [ann, ben] = [guests.comeAsStock('ann'), guests.comeAsStock('ben')];
    await synced(ann, ben);
    ann.provider.awareness.setLocalStateField('nickname', 'Ann');
    const seen = (): unknown => ben.provider.awareness.getStates().get(ann.canvas.doc.clientID);
    await eventually(() => expect(seen()).toEqual({ nickname: 'Ann' }));
    ann.leave();
    await eventually(() => expect(seen()).toBeUndefined());
  });

  test('who comes later is told who is there', async () => {
    const ann = guests.comeAsStock('ann');
    await synced(ann);
    ann.provider.awareness.setLocalStateField('nickname', 'Ann');
    const ben = guests.comeAsStock('ben');
    const { clientID } = ann.canvas.doc;
    await eventually(() =>
      expect(ben.provider.awareness.getStates().get(clientID)).toEqual({ nickname: 'Ann' }),
    );
  });
});

describe('coming to a canvas', () => {
  test.each([
    ['that does not exist', 'ann', 4404],
    ['without permission', 'nobody', 4403],
  ])('%s ends for good with its close code', async (_, participantId, code) => {
    guests.log.unknown.add(guests.canvasId);
    const { connection } = guests.knock(participantId);
    await eventually(() => expect(connection.closeCode).toBe(code));
  });

  test.each(['42', `${randomUUID()}/more`, '..%2f..'])('named %s ends with 4404', async (name) => {
    const { connection } = guests.knock('ann', 'contributor', name);
    await eventually(() => expect(connection.closeCode).toBe(4404));
    expect(guests.log.loads).toBe(0);
  });

  test('that cannot be loaded is closed, and never taken for an empty one', async () => {
    guests.log.failure = new Error('The database is away');
    const { connection } = guests.knock('ann');
    await eventually(() => expect(connection.closeCode).toBe(4503));
    expect(connection.isSynced).toBe(false);
    guests.log.failure = null;
    await guests.come('ann');
  });

  test('while it loads, all wait for the one load and then see all of it', async () => {
    const ann = await guests.come('ann');
    draw(ann, 'a', 'ann');
    await logged();
    ann.connection.close();
    await guests.hub.forgetCanvas(guests.canvasId);
    const letGo = guests.log.hold();
    const others = ['ben', 'cleo', 'dan'].map((id) => guests.knock(id));
    await eventually(() => expect(guests.log.loads).toBe(2));
    expect(others.map(({ connection }) => connection.isSynced)).toEqual([false, false, false]);
    letGo();
    await eventually(() => {
      expect(others.map(({ connection }) => connection.isSynced)).toEqual([true, true, true]);
    });
    expect(others.map(idsOf)).toEqual([['a'], ['a'], ['a']]);
    expect(guests.log.loads).toBe(2);
  });
});

describe('an empty canvas in memory', () => {
  const brief = HubGuests.forEachTest(() => ({ unloadAfterMs: 20 }));

  test('leaves it with a snapshot, and comes back the same', async () => {
    const ann = await brief.come('ann');
    draw(ann, 'a', 'ann');
    draw(ann, 'b', 'ann');
    cutStroke(ann.canvas, { strokeId: 'a', eraseId: 'e' }, null);
    await eventually(() => expect(ann.connection.isSaved).toBe(true));
    ann.connection.close();
    await eventually(() => expect(brief.hub.metrics().rooms).toBe(0));
    expect(brief.log.rows).toHaveLength(0);
    expect(brief.log.snapshots.size).toBe(1);
    const ben = await brief.come('ben');
    expect(idsOf(ben)).toEqual(['b']);
    expect(ben.canvas.doc.toJSON()).toEqual(ann.canvas.doc.toJSON());
  });

  test('has its sketches ready for whoever hears that it was opened', async () => {
    const ann = await brief.come('ann');
    draw(ann, 'a', 'ann');
    await eventually(() => expect(ann.connection.isSaved).toBe(true));
    ann.connection.close();
    await eventually(() => expect(brief.hub.metrics().rooms).toBe(0));
    const found: string[] = [];
    brief.hub.onCanvasOpened((canvasId) => {
      found.push(...brief.hub.sketchesOf(canvasId).map(({ sketchId }) => sketchId));
    });
    await brief.come('ben');
    expect(found).toEqual(['sketch-of-ann']);
  });

  test('opens without the rows that cannot be read, and keeps them', async () => {
    const bad = { canvasId: brief.canvasId, authorId: null, update: new Uint8Array([7, 7, 7]) };
    await brief.log.append([bad]);
    const ann = await brief.come('ann');
    draw(ann, 'a', 'ann');
    await eventually(() => expect(ann.connection.isSaved).toBe(true));
    ann.connection.close();
    await eventually(() => expect(brief.hub.metrics().rooms).toBe(0));
    expect(brief.hub.metrics().unreadableUpdates).toBe(1);
    expect(brief.log.setAsideRows.map(({ update }) => update)).toEqual([bad.update]);
  });
});

describe('for the rest of the server', () => {
  test('a change of ink is told in the tick it comes in, live and finished', async () => {
    const changes: SketchChange[] = [];
    const stop = guests.hub.onSketchChanged((change) => changes.push(change));
    const ann = await guests.come('ann');
    ann.connection.sendLiveFrame(buildFrame([0, 10]));
    await eventually(() => expect(changes).toHaveLength(1));
    expect(changes[0]).toMatchObject({ sketchId: 'sketch-1', isLive: true });
    expect(changes[0]?.strokes()).toEqual([
      [
        [0, 10],
        [0, 0],
        [0, 33],
      ],
    ]);
    addStroke(ann.canvas, { id: 'live-1', sketchId: 'sketch-1', ink: buildInk('ann') }, null);
    await eventually(() => expect(changes).toHaveLength(2));
    expect(changes[1]).toMatchObject({ sketchId: 'sketch-1', isLive: false });
    expect(changes[1]?.strokes()).toHaveLength(1);
    expect(changes[1]?.revision).toBeGreaterThan(changes[0]?.revision ?? Infinity);
    stop();
  });

  test('a listener that fails keeps no ink from anybody', async () => {
    guests.hub.onSketchChanged(() => {
      throw new Error('Not my day');
    });
    const [ann, ben] = [await guests.come('ann'), await guests.come('ben')];
    draw(ann, 'a', 'ann');
    await eventually(() => expect(idsOf(ben)).toEqual(['a']));
  });

  test('finds a sketch of a canvas that nobody has open', async () => {
    const ann = await guests.come('ann');
    draw(ann, 'a', 'ann');
    await logged();
    ann.connection.close();
    await guests.hub.forgetCanvas(guests.canvasId);
    const found = await guests.hub.findSketch(guests.canvasId, 'sketch-of-ann');
    expect(found).toMatchObject({ strokes: [expect.anything()], authorIds: ['ann'] });
    expect(await guests.hub.findSketch(guests.canvasId, 'another')).toBeNull();
  });

  test('confirms a sketch for everybody, durably', async () => {
    const ann = await guests.come('ann');
    draw(ann, 'a', 'ann');
    await eventually(() => expect(ann.connection.isSaved).toBe(true));
    await guests.hub.confirmSketch(guests.canvasId, 'sketch-of-ann', 'cat');
    expect(guests.log.rows.at(-1)?.authorId).toBeNull();
    await eventually(() =>
      expect(readSketch(ann.canvas, 'sketch-of-ann')).toMatchObject({
        state: 'confirmed',
        categoryId: 'cat',
      }),
    );
    await expect(guests.hub.confirmSketch(guests.canvasId, 'another', 'cat')).rejects.toMatchObject(
      {
        code: 'sketch.unknown',
      },
    );
  });

  test('knows a sketch by its UUID, however its author has written that', async () => {
    const ann = await guests.come('ann');
    const [id, twin] = [randomUUID(), randomUUID()];
    const strokes = { a: id.toUpperCase(), b: twin, c: twin.toUpperCase() };
    for (const [stroke, sketchId] of Object.entries(strokes))
      addStroke(ann.canvas, { id: stroke, sketchId, ink: buildInk('ann') }, null);
    await eventually(() => expect(ann.connection.isSaved).toBe(true));
    expect(await guests.hub.findSketch(guests.canvasId, id)).not.toBeNull();
    for (const sketchId of [id, twin])
      await guests.hub.confirmSketch(guests.canvasId, sketchId, 'cat');
    await eventually(() => {
      const confirmed = [...ann.canvas.sketches.keys()].filter(
        (key) => readSketch(ann.canvas, key)?.state === 'confirmed',
      );
      expect(confirmed).toEqual([id.toUpperCase(), twin]);
    });
  });

  test('lists the sketches of an open canvas with their live ink', async () => {
    const ann = await guests.come('ann');
    draw(ann, 'a', 'ann');
    ann.connection.sendLiveFrame(buildFrame([0, 10]));
    await eventually(() => {
      const sketches = guests.hub.sketchesOf(guests.canvasId);
      expect(sketches.map(({ sketchId, isLive }) => [sketchId, isLive])).toEqual([
        ['sketch-of-ann', false],
        ['sketch-1', true],
      ]);
    });
  });

  test('a deleted canvas sends everybody away for good', async () => {
    const { connection } = await guests.come('ann');
    await guests.hub.forgetCanvas(guests.canvasId);
    await eventually(() => expect(connection.closeCode).toBe(4404));
  });

  test('closing saves everything first and tells people to come back', async () => {
    const ann = await guests.come('ann');
    const letGo = guests.log.hold();
    draw(ann, 'a', 'ann');
    ann.connection.sendLiveFrame(buildFrame([0, 10, 20]));
    await eventually(() => expect(guests.hub.sketchesOf(guests.canvasId)).toHaveLength(2));
    const closing = guests.hub.close();
    letGo();
    await closing;
    expect(ann.connection.notices).toContainEqual({ kind: 'stopping' });
    await eventually(() => expect(ann.connection.closeCode).toBe(1012));
    expect(ann.connection.isSaved).toBe(true);
    expect(guests.log.snapshots.size).toBe(1);
  });
});
