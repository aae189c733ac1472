import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addStroke, cutStroke, openCanvasDoc, readStrokes } from '../../shared/canvas-doc.ts';
import type { CanvasVersion } from '../../shared/canvas-version.ts';
import type { Participant } from '../../shared/participant.ts';
import type { Canvas, Project } from '../../shared/project.ts';
import { eventually } from '../../test/support/eventually.ts';
import type { HttpSession } from '../../test/support/http-session.ts';
import type { TestApp } from '../../test/support/start-app.ts';
import { startTestApp } from '../../test/support/start-app.ts';
import { SyncConnection } from '../../test/support/sync-connection.ts';

interface List<T> {
  readonly items: T[];
  readonly nextCursor: string | null;
}

let app: TestApp;
let ann: HttpSession;
let annId: string;
let canvas: Canvas;
const open: SyncConnection[] = [];

beforeAll(async () => {
  app = await startTestApp();
  ann = app.guest();
  ({ id: annId } = await ann.get<Participant>('/me'));
  const project = await ann.post<Project>('/projects', { name: 'Pets' });
  canvas = await ann.post<Canvas>(`/projects/${project.id}/canvases`, { name: 'x', mode: 'free' });
});

afterAll(async () => {
  for (const connection of open) connection.terminate();
  await app.stop();
});

async function come(): Promise<SyncConnection> {
  const connection = new SyncConnection(app.url, canvas.id, ann.cookie);
  open.push(connection);
  await eventually(() => expect(connection.isSynced).toBe(true));
  return connection;
}

async function draw(connection: SyncConnection, id: string): Promise<void> {
  const points = { xs: [0, 9], ys: [0, 9], ts: [0, 16], pressures: [1, 1] };
  const style = { tool: 'pen', color: '#000000', width: 4 } as const;
  const ink = { authorId: annId, startedAt: 1, style, points };
  addStroke(openCanvasDoc(connection.doc), { id, sketchId: 'sketch', ink }, null);
  await eventually(() => expect(connection.isSaved).toBe(true));
}

function shown({ doc }: SyncConnection): string[] {
  return readStrokes(openCanvasDoc(doc))
    .map(({ id }) => id)
    .sort();
}

describe('the history of a canvas', () => {
  test('is kept, gone back to, and forgotten', async () => {
    const here = await come();
    await draw(here, 'a');
    const monday = await ann.post<CanvasVersion>(`/canvases/${canvas.id}/versions`, {
      name: ' Monday ',
    });
    expect(monday).toMatchObject({ name: 'Monday', strokes: 1, canvasId: canvas.id });
    expect(monday.createdBy?.participantId).toBe(annId);
    await draw(here, 'b');
    const before = await ann.post<CanvasVersion>(`/canvas-versions/${monday.id}/restore`, {});
    expect(before).toMatchObject({ name: 'Before restoring Monday', strokes: 2 });
    await eventually(() => expect(shown(here)).toEqual(['a']));
    await ann.post(`/canvas-versions/${before.id}/restore`, {});
    await eventually(() => expect(shown(here)).toEqual(['a', 'b']));
    expect((await ann.ask('DELETE', `/canvas-versions/${monday.id}`)).status).toBe(204);
    const { items } = await ann.get<List<CanvasVersion>>(`/canvases/${canvas.id}/versions`);
    expect(items.map(({ name }) => name)).toEqual([
      'Before restoring Before restoring Monday',
      'Before restoring Monday',
    ]);
  });

  test('ends where the document is begun anew', async () => {
    const here = await come();
    await draw(here, 'c');
    cutStroke(openCanvasDoc(here.doc), { strokeId: 'c', eraseId: 'e' }, null);
    await eventually(() => expect(here.isSaved).toBe(true));
    const renewed = await ann.post<Canvas>(`/canvases/${canvas.id}/renewal`, {});
    expect(renewed).toEqual({ ...canvas, generation: 2 });
    await eventually(() => expect(here.closeCode).toBe(4409));
    const again = await come();
    expect(shown(again)).toEqual(['a', 'b']);
    expect(openCanvasDoc(again.doc).ink.has('c')).toBe(false);
    const { items } = await ann.get<List<CanvasVersion>>(`/canvases/${canvas.id}/versions`);
    expect(items[0]?.name).toBe('Before renewal');
    await ann.post(`/canvas-versions/${items[0]?.id ?? ''}/restore`, {});
    await eventually(() => expect(openCanvasDoc(again.doc).ink.has('c')).toBe(true));
  });

  test('sends away who is drawing, and loses nothing, whoever writes the id in capitals', async () => {
    const here = await come();
    await draw(here, 'd');
    const address = `/canvases/${canvas.id.toUpperCase()}/renewal`;
    expect(await ann.post<Canvas>(address, {})).toEqual({ ...canvas, generation: 3 });
    await eventually(() => expect(here.closeCode).toBe(4409));
    expect(shown(await come())).toContain('d');
  });

  test('says what is wrong with a request', async () => {
    const at = `/canvases/${canvas.id}/versions`;
    for (const body of [{}, { name: '' }, { name: 'x'.repeat(61) }, { name: 'a', more: 1 }]) {
      const reply = await ann.ask('POST', at, body);
      expect(reply).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
    }
    const unknown = await ann.ask('POST', `/canvas-versions/${randomUUID()}/restore`, {});
    expect(unknown).toMatchObject({ status: 404, body: { code: 'canvas_version.unknown' } });
    const stranger = await app.guest().ask('POST', `/canvases/${canvas.id}/renewal`, {});
    expect(stranger).toMatchObject({ status: 403, body: { code: 'access.denied' } });
    const nowhere = await ann.ask('POST', `/canvases/${randomUUID()}/versions`, { name: 'x' });
    expect(nowhere).toMatchObject({ status: 404, body: { code: 'canvas.unknown' } });
  });
});
