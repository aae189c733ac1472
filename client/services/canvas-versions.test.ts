import { describe, expect, test } from 'vitest';
import { Api } from './api.ts';
import { CanvasVersions } from './canvas-versions.ts';

const CANVAS = '7b0d4e9e-53a5-4a3e-8f0a-0c9f6f3a1b2c';
const CATS = { id: '7b0d4e9e-53a5-4a3e-8f0a-0c9f6f3a1b2d', name: 'All the cats' };
const REFUSAL = { code: 'access.denied', message: 'Only editors may do that.', details: {} };

/** Versions on a server that answers as told; the requests that reached it. */
function versionsOn(answer: (request: string) => Response) {
  const requests: string[] = [];
  const api = new Api(async (url, init) => {
    const request = `${init?.method ?? 'GET'} ${(url as string).replace(/\?.*/, '')}`;
    requests.push(request);
    return answer(request);
  });
  return { versions: new CanvasVersions(CANVAS, api), requests };
}

const list = (): Response => Response.json({ items: [CATS], nextCursor: null });
const refuse = (): Response => Response.json(REFUSAL, { status: 403 });

describe('the versions of a canvas', () => {
  test('are read', async () => {
    const { versions } = versionsOn(list);
    expect(versions.list.kind).toBe('loading');
    await versions.load();
    expect(versions.list).toMatchObject({ kind: 'loaded', versions: [CATS] });
  });

  test('tell why they cannot be read, and are read when it is tried again', async () => {
    let isAllowed = false;
    const { versions } = versionsOn(() => (isAllowed ? list() : refuse()));
    await versions.load();
    expect(versions.list).toEqual({ kind: 'failed', message: REFUSAL.message });
    isAllowed = true;
    await versions.load();
    expect(versions.list.kind).toBe('loaded');
  });

  test('are read anew after each deed', async () => {
    const { versions, requests } = versionsOn(list);
    expect(await versions.do({ kind: 'save', name: 'Dogs' })).toBe(true);
    const path = `/api/canvases/${CANVAS}/versions`;
    expect(requests).toEqual([`POST ${path}`, `GET ${path}`]);
  });

  test('are restored, deleted and left behind by the routes of the contract', async () => {
    const { versions, requests } = versionsOn((request) =>
      request.startsWith('DELETE') ? new Response(null, { status: 204 }) : list(),
    );
    const { items } = (await list().json()) as { items: [never] };
    await versions.do({ kind: 'restore', version: items[0] });
    await versions.do({ kind: 'delete', version: items[0] });
    await versions.do({ kind: 'renew' });
    expect(requests.filter((request) => !request.startsWith('GET'))).toEqual([
      `POST /api/canvas-versions/${CATS.id}/restore`,
      `DELETE /api/canvas-versions/${CATS.id}`,
      `POST /api/canvases/${CANVAS}/renewal`,
    ]);
  });
});

describe('a deed that is refused', () => {
  test('tells why, and keeps what is shown', async () => {
    const { versions } = versionsOn((request) => (request.startsWith('GET') ? list() : refuse()));
    await versions.load();
    expect(await versions.do({ kind: 'renew' })).toBe(false);
    expect(versions.trouble).toBe(REFUSAL.message);
    expect(versions.isBusy).toBe(false);
    expect(versions.list.kind).toBe('loaded');
    await versions.do({ kind: 'save', name: 'Dogs' });
    expect(versions.trouble).toBe(REFUSAL.message);
  });

  test('is not asked twice at the same time', async () => {
    const { versions, requests } = versionsOn(list);
    const both = [versions.do({ kind: 'renew' }), versions.do({ kind: 'renew' })];
    expect(await Promise.all(both)).toEqual([true, false]);
    expect(requests.filter((request) => request.startsWith('POST'))).toHaveLength(1);
  });
});
