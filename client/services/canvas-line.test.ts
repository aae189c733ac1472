import * as encoding from 'lib0/encoding';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import * as Y from 'yjs';
import type { Role } from '../../shared/participant.ts';
import { addStroke, openCanvasDoc, readStrokes } from '../../shared/canvas-doc.ts';
import {
  CLOSE_CODES,
  encodeAck,
  encodeBatch,
  encodeLiveFrame,
  encodeNotice,
  encodeSealedUpdate,
  MESSAGE_AWARENESS,
  MESSAGE_QUERY_AWARENESS,
  MESSAGE_SEALED_UPDATE,
  MESSAGE_SYNC,
} from '../../shared/sync-protocol.ts';
import { buildInk } from '../../test/support/build-ink.ts';
import { eventually } from '../../test/support/eventually.ts';
import { buildFrame } from '../../test/support/hub-guests.ts';
import { ScriptedSyncServer } from '../../test/support/scripted-sync-server.ts';
import { closeWhenSaved } from './close-when-saved.ts';
import type { CanvasSync } from './canvas-sync.ts';

// The page's socket extends the browser's, which this Node does not have.
vi.stubGlobal('WebSocket', WebSocket);
const sync = await import('./canvas-sync.ts');

const CANVAS_ID = '7b0d4e9e-53a5-4a3e-8f0a-0c9f6f3a1b2c';
const TOO_BIG = 1009;
const STEP_2 = 1;

let server: ScriptedSyncServer;
let open: CanvasSync[];

beforeEach(async () => {
  server = await ScriptedSyncServer.start();
  open = [];
});

afterEach(async () => {
  for (const each of open) each.close();
  await server.stop();
});

interface Page {
  readonly sync: CanvasSync;
  readonly doc: Y.Doc;
}

function openPage(more: { role?: Role; random?: () => number } = {}): Page {
  const doc = new Y.Doc();
  const opened = new sync.CanvasSync({
    ...{ doc, canvasId: CANVAS_ID, generation: 3, serverUrl: server.url, copy: null },
    ...{ role: 'contributor', random: () => 0 },
    hasInk: (id) => openCanvasDoc(doc).ink.has(id),
    ...more,
  });
  open.push(opened);
  return { sync: opened, doc };
}

async function openSavedPage(more: { role?: Role; random?: () => number } = {}): Promise<Page> {
  const page = openPage(more);
  await eventually(() => expect(['saved', 'watching']).toContain(page.sync.state.kind));
  return page;
}

function draw(doc: Y.Doc, id: string, authorId = 'ann'): void {
  addStroke(openCanvasDoc(doc), { id, sketchId: 's1', ink: buildInk(authorId) }, 'own');
}

/** What somebody else has drawn, as the hub passes it on. */
function strokeOfBob(id: string): Uint8Array {
  const doc = new Y.Doc();
  draw(doc, id, 'bob');
  const seal = new Uint8Array(16).fill(7);
  return encodeSealedUpdate({ authorId: 'bob', update: Y.encodeStateAsUpdate(doc), seal });
}

function strokesOf(doc: Y.Doc): string[] {
  return readStrokes(openCanvasDoc(doc)).map(({ id }) => id);
}

function queryAwareness(): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, MESSAGE_QUERY_AWARENESS);
  return encoding.toUint8Array(encoder);
}

describe('a line', () => {
  test('says which generation of the document the page holds', async () => {
    await openSavedPage();
    expect(server.last.url).toBe(`/sync/${CANVAS_ID}?generation=3`);
  });
});

describe('a batch', () => {
  test('is read as if each of its messages had come alone, as one change of the document', async () => {
    const page = await openSavedPage();
    page.sync.introduce({ id: 'a', nickname: 'Ann', color: '#0b7fab' });
    await eventually(() => expect(server.last.types).toContain(MESSAGE_AWARENESS));
    const before = server.last.types.length;
    let changes = 0;
    page.doc.on('update', () => (changes += 1));
    const frame = encodeLiveFrame(buildFrame([1, 2], { strokeId: 'live' }));
    server.last.send(encodeBatch([strokeOfBob('b1'), frame, queryAwareness(), strokeOfBob('b2')]));
    await eventually(() => expect(strokesOf(page.doc).sort()).toEqual(['b1', 'b2']));
    expect(changes).toBe(1);
    expect([...page.sync.liveInk.strokes].map(({ id }) => id)).toEqual(['live']);
    await eventually(() => expect(server.last.types.slice(before)).toContain(MESSAGE_AWARENESS));
  });

  test('leaves one’s own live ink aside, and frames of strokes that are finished', async () => {
    const page = await openSavedPage();
    const own = buildFrame([1], { strokeId: 'mine' });
    page.sync.sendLive(own);
    const late = encodeLiveFrame(buildFrame([1], { strokeId: 'b1' }));
    server.last.send(encodeBatch([encodeLiveFrame(own), strokeOfBob('b1'), late]));
    await eventually(() => expect(strokesOf(page.doc)).toEqual(['b1']));
    expect([...page.sync.liveInk.strokes]).toEqual([]);
  });
});

describe('a sealed change', () => {
  test('is sent back to a server that lacks it, before it is told what the page has', async () => {
    const page = await openSavedPage();
    const sealed = strokeOfBob('b1');
    server.last.send(sealed);
    await eventually(() => expect(strokesOf(page.doc)).toEqual(['b1']));
    expect(server.last.types).not.toContain(MESSAGE_SEALED_UPDATE);
    server.last.close(CLOSE_CODES.restarting);
    await eventually(() => expect(server.connections).toHaveLength(2));
    await eventually(() => expect(page.sync.state.kind).toBe('saved'));
    const { messages, types } = server.last;
    const at = types.indexOf(MESSAGE_SEALED_UPDATE);
    expect(messages[at]).toEqual(sealed);
    const step2 = messages.findIndex(([type, step]) => type === MESSAGE_SYNC && step === STEP_2);
    expect(step2).toBeGreaterThan(at);
  });

  test('is not sent back to a server that has it', async () => {
    const page = await openSavedPage();
    draw(server.doc, 'b1', 'bob');
    const seal = new Uint8Array(16);
    const update = Y.encodeStateAsUpdate(server.doc);
    server.last.send(encodeSealedUpdate({ authorId: 'bob', update, seal }));
    await eventually(() => expect(strokesOf(page.doc)).toEqual(['b1']));
    server.last.close(CLOSE_CODES.restarting);
    await eventually(() => expect(server.connections).toHaveLength(2));
    await eventually(() => expect(page.sync.state.kind).toBe('saved'));
    expect(server.last.types).not.toContain(MESSAGE_SEALED_UPDATE);
  });
});

describe('changes made without a connection', () => {
  test('are counted, arrive once, and are saved only when the server says so', async () => {
    const page = await openSavedPage({ random: () => 0.2 });
    server.last.close(CLOSE_CODES.restarting);
    await eventually(() => expect(page.sync.state.kind).toBe('offline'));
    draw(page.doc, 'one');
    draw(page.doc, 'two');
    expect(page.sync.state).toEqual({ kind: 'offline', unsaved: 2, isKept: false });
    server.saves = false;
    await eventually(() => expect(strokesOf(server.doc).sort()).toEqual(['one', 'two']));
    await eventually(() => expect(page.sync.state.kind).toBe('saving'));
    server.last.send(encodeAck(1));
    await eventually(() => expect(page.sync.state.kind).toBe('saved'));
    expect(page.sync.unsaved).toBe(0);
  });

  test('that were never acknowledged count as unsaved after the connection is lost', async () => {
    const page = await openSavedPage({ random: () => 1 });
    server.saves = false;
    draw(page.doc, 'one');
    await eventually(() => expect(strokesOf(server.doc)).toEqual(['one']));
    server.last.close(CLOSE_CODES.restarting);
    await eventually(() => expect(page.sync.state.kind).toBe('offline'));
    expect(page.sync.unsaved).toBe(1);
  });
});

describe('leaving a canvas', () => {
  test('with everything saved closes its connection at once', async () => {
    const page = await openSavedPage();
    const onClosed = vi.fn();
    closeWhenSaved(page.sync, onClosed);
    expect(onClosed).toHaveBeenCalledOnce();
  });

  test('with changes that are nowhere else keeps it until the server has them', async () => {
    const page = await openSavedPage();
    server.saves = false;
    draw(page.doc, 'late');
    const onClosed = vi.fn();
    closeWhenSaved(page.sync, onClosed);
    expect(page.sync.isAtRisk).toBe(true);
    expect(onClosed).not.toHaveBeenCalled();
    server.saves = true;
    server.last.close(1011);
    await eventually(() => expect(onClosed).toHaveBeenCalledOnce());
    expect(strokesOf(server.doc)).toContain('late');
  });

  test('does not wait for a server that will never take them', async () => {
    const page = await openSavedPage();
    server.saves = false;
    draw(page.doc, 'never');
    const onClosed = vi.fn();
    closeWhenSaved(page.sync, onClosed);
    server.last.close(CLOSE_CODES.documentFull);
    await eventually(() => expect(onClosed).toHaveBeenCalledOnce());
  });
});

describe('a connection that the server ends', () => {
  test('is opened anew by everybody at another moment', async () => {
    const pages = 9;
    for (let i = 0; i < pages; i++) openPage({ random: () => i / (pages - 1) });
    await eventually(() => expect(open.every(({ state }) => state.kind === 'saved')).toBe(true));
    const endedAt = performance.now();
    for (const connection of [...server.connections]) connection.close(CLOSE_CODES.restarting);
    await eventually(() => expect(server.connections).toHaveLength(2 * pages));
    const waits = server.connections.slice(pages).map(({ openedAt }) => openedAt - endedAt);
    expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(1_000);
  });

  test('after saying that it stops is taken as a restart, whatever its code', async () => {
    const page = await openSavedPage({ random: () => 0.5 });
    server.last.send(encodeNotice({ kind: 'stopping' }));
    const endedAt = performance.now();
    server.last.close(1011);
    await eventually(() => expect(server.connections).toHaveLength(2));
    expect(server.last.openedAt - endedAt).toBeGreaterThan(900);
    await eventually(() => expect(page.sync.state.kind).toBe('saved'));
  });

  test('for good is not opened again, and the reason is told', async () => {
    for (const code of [CLOSE_CODES.documentFull, TOO_BIG]) {
      const page = await openSavedPage();
      const before = server.connections.length;
      server.last.close(code);
      await eventually(() => expect(page.sync.state.kind).toBe('not_saving'));
      expect(server.connections).toHaveLength(before);
    }
  });

  test('because too much was sent is opened again later, and the reason is told', async () => {
    const page = await openSavedPage();
    server.last.close(CLOSE_CODES.rateLimited);
    await eventually(() => {
      expect(page.sync.state).toMatchObject({ reason: expect.stringMatching(/by itself/) });
    });
  });

  test('because the document has begun anew ends this document', async () => {
    const page = await openSavedPage();
    let isOver = false;
    page.sync.addEventListener('other-generation', () => (isOver = true));
    server.last.close(CLOSE_CODES.otherGeneration);
    await eventually(() => expect(isOver).toBe(true));
    expect(page.sync.state.kind).toBe('connecting');
  });
});

describe('a role that changes', () => {
  test('counts at once', async () => {
    const page = await openSavedPage();
    server.last.send(encodeNotice({ kind: 'role_changed', role: 'viewer' }));
    await eventually(() => expect(page.sync.role).toBe('viewer'));
    expect(page.sync.state.kind).toBe('watching');
  });

  test('to one that may draw sends what was refused before', async () => {
    const page = await openSavedPage({ role: 'viewer' });
    server.saves = false;
    draw(page.doc, 'one');
    server.last.send(encodeNotice({ kind: 'refused', reason: 'You can only look.' }));
    await eventually(() => expect(page.sync.state.kind).toBe('not_saving'));
    server.saves = true;
    server.last.send(encodeNotice({ kind: 'role_changed', role: 'contributor' }));
    await eventually(() => expect(page.sync.state.kind).toBe('saved'));
    expect(server.connections).toHaveLength(2);
    expect(strokesOf(server.doc)).toEqual(['one']);
  });
});
