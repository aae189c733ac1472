import { describe, expect, test } from 'vitest';
import { Api, messageOf } from './api.ts';

const ID = '7b0d4e9e-53a5-4a3e-8f0a-0c9f6f3a1b2c';

/** An interface whose server gives one answer, and the requests that reached it. */
function apiAnswering(answer: () => Response) {
  const requests: { readonly url: string; readonly init: RequestInit }[] = [];
  const api = new Api(async (url, init) => {
    requests.push({ url: url as string, init: init ?? {} });
    return answer();
  });
  return { api, requests };
}

describe('a call', () => {
  test('fills the path and the query, and gives the reply', async () => {
    const { api, requests } = apiAnswering(() => Response.json({ items: [], nextCursor: null }));
    const reply = await api.call('listCategories', { params: { id: ID }, query: { limit: 500 } });
    expect(reply).toEqual({ items: [], nextCursor: null });
    expect(requests[0]?.url).toBe(`/api/projects/${ID}/categories?limit=500`);
  });

  test('sends its body as JSON', async () => {
    const { api, requests } = apiAnswering(() => Response.json({ id: ID }, { status: 201 }));
    await api.call('createProject', { body: { name: 'Birds' } });
    expect(requests[0]?.init).toMatchObject({
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"name":"Birds"}',
    });
  });

  test('gives nothing where the server answers with nothing', async () => {
    const { api } = apiAnswering(() => new Response(null, { status: 204 }));
    expect(await api.call('deleteFeedback', { params: { id: ID } })).toBeUndefined();
  });
});

describe('a call that fails', () => {
  test('throws the code and message of the server', async () => {
    const reply = { code: 'category.name_taken', message: 'Choose another name.', details: {} };
    const { api } = apiAnswering(() => Response.json(reply, { status: 409 }));
    const call = api.call('createCategory', { params: { id: ID }, body: { name: 'cat' } });
    await expect(call).rejects.toMatchObject(reply);
  });

  test('says so in words when something in between answers in another language', async () => {
    const { api } = apiAnswering(() => new Response('<html>', { status: 502 }));
    await expect(api.call('getMe')).rejects.toMatchObject({ code: 'internal' });
  });

  test('says so in words when nobody answers', async () => {
    const { api } = apiAnswering(() => {
      throw new TypeError('Failed to fetch');
    });
    const error: unknown = await api.call('getMe').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'network' });
    expect(messageOf(error)).toMatch(/cannot be reached/);
  });

  test('hides the insides of a bug from people', () => {
    expect(messageOf(new Error('x is undefined'))).not.toMatch(/undefined/);
  });
});
