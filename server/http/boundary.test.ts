import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ErrorReply } from '../../shared/errors.ts';
import { MAX_REQUEST_BYTES } from '../../shared/limits.ts';
import type { HttpReply, HttpSession } from '../../test/support/http-session.ts';
import type { TestApp } from '../../test/support/start-app.ts';
import { startTestApp } from '../../test/support/start-app.ts';

let app: TestApp;
let guest: HttpSession;

beforeAll(async () => {
  app = await startTestApp({ ALLOWED_ORIGINS: 'https://friend.example' });
  guest = app.guest();
  await guest.get('/me');
});

afterAll(() => app.stop());

function expectRefusal(reply: HttpReply, status: number, code: string): void {
  expect({ status: reply.status, code: ErrorReply.parse(reply.body).code }).toEqual({
    status,
    code,
  });
}

function post(body: string, headers: Record<string, string>): Promise<HttpReply> {
  return guest.send('/projects', { method: 'POST', body, headers });
}

const json = { 'content-type': 'application/json' };
const name = JSON.stringify({ name: 'A' });

describe('the body of a request', () => {
  test.each([
    ['broken JSON', '{"name": '],
    ['NaN, which is no JSON', '{"name": NaN}'],
    ['a list', '[]'],
    ['null', 'null'],
    ['nothing', ''],
  ])('that is %s is refused', async (_, body) => {
    expectRefusal(await post(body, json), 400, 'request.invalid');
  });

  test('that is too large is refused', async () => {
    const body = JSON.stringify({ name: 'x'.repeat(MAX_REQUEST_BYTES) });
    expectRefusal(await post(body, json), 413, 'request.too_large');
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'text/xml'])(
    'of type %s is refused',
    async (type) => {
      expectRefusal(await post(name, { 'content-type': type }), 415, 'request.wrong_content_type');
    },
  );

  test('with a polluting key changes nothing', async () => {
    const body = '{"name": "A", "__proto__": {"polluted": true}}';
    await post(body, json);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('an Origin', () => {
  test.each([
    ['of another page', 'http://elsewhere.example', 403],
    ['of a page in a file', 'null', 403],
    ['that is garbage', 'not an origin', 403],
    ['that is allowed', 'https://friend.example', 201],
  ])('%s is answered with its due', async (_, origin, status) => {
    expect((await post(name, { ...json, origin })).status).toBe(status);
  });

  test('of the server itself is welcome, by whatever name it was called', async () => {
    expect((await post(name, { ...json, origin: app.url })).status).toBe(201);
  });
});

describe('an address', () => {
  test('of nothing below /api reads 404 in JSON', async () => {
    expectRefusal(await guest.ask('GET', '/nothing'), 404, 'route.unknown');
    expectRefusal(await guest.ask('POST', '/health', {}), 404, 'route.unknown');
  });

  test.each(['%00', '%E0%A4%A', "1' OR '1'='1", '..%2F..%2Fetc%2Fpasswd'])(
    'with garbage for an id is refused: %s',
    async (id) => {
      const reply = await guest.ask('GET', `/projects/${id}`);
      expect([400, 404]).toContain(reply.status);
      ErrorReply.parse(reply.body);
    },
  );

  test('of an upgrade that nobody takes reads 404 and is closed', async () => {
    const { port, hostname } = new URL(app.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      'GET /nowhere HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    );
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.1 404/);
  });
});

describe('every answer', () => {
  test('carries a strict policy and nothing that breaks plain HTTP', async () => {
    const { headers } = await guest.ask('GET', '/health');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toContain('upgrade-insecure-requests');
    expect(headers.get('strict-transport-security')).toBeNull();
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-powered-by')).toBeNull();
  });
});

test('health names what is up', async () => {
  expect(await guest.get('/health')).toEqual({
    status: 'ok',
    version: '0.1.0',
    database: 'ok',
    blobs: 'ok',
    trainer: 'unavailable',
  });
});

describe('new guests of one address', () => {
  test('are welcome up to the limit, and told when to come back', async () => {
    const small = await startTestApp({ NEW_GUESTS_PER_ADDRESS: '2' });
    try {
      const known = small.guest();
      await known.get('/me');
      await small.guest().get('/me');
      const refused = await small.guest().ask('GET', '/me');
      expectRefusal(refused, 429, 'request.rate_limited');
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await known.ask('GET', '/me')).status).toBe(200);
    } finally {
      await small.stop();
    }
  });
});
