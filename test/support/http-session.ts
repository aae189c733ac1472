import type { ErrorReply } from '../../shared/errors.ts';

/** A reply as it came: the status and what JSON it held. */
export interface HttpReply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** A guest over HTTP: keeps the session cookie that the server gave. */
export class HttpSession {
  readonly url: string;
  #cookie = '';

  constructor(url: string) {
    this.url = url;
  }

  /** For the sockets, which never open a session of their own. */
  get cookie(): string {
    return this.#cookie;
  }

  /** Asks and tells whatever comes back, refusals too. */
  async ask(method: string, path: string, body?: unknown): Promise<HttpReply> {
    const text = body === undefined ? null : JSON.stringify(body);
    return this.send(path, { method, body: text, headers: { 'content-type': 'application/json' } });
  }

  /** Sends a request as it is given, the cookie added. */
  async send(path: string, init: RequestInit): Promise<HttpReply> {
    const headers = new Headers(init.headers);
    if (this.#cookie) headers.set('cookie', this.#cookie);
    const response = await fetch(`${this.url}/api${path}`, { ...init, headers });
    this.#keepCookie(response);
    return { status: response.status, headers: response.headers, body: await readBody(response) };
  }

  /** What the route answers; throws when it refuses. */
  async get<T>(path: string): Promise<T> {
    return this.#expectSuccess<T>('GET', path);
  }

  /** What the route answers; throws when it refuses. */
  async post<T>(path: string, body: unknown = {}): Promise<T> {
    return this.#expectSuccess<T>('POST', path, body);
  }

  /** What the route answers; throws when it refuses. */
  async patch<T>(path: string, body: unknown): Promise<T> {
    return this.#expectSuccess<T>('PATCH', path, body);
  }

  // The reply's type is the caller's knowledge of the contract in shared/api.ts.
  async #expectSuccess<T>(method: string, path: string, body?: unknown): Promise<T> {
    const reply = await this.ask(method, path, body);
    if (reply.status >= 400) {
      const error = reply.body as Partial<ErrorReply> | null;
      throw new Error(
        `${method} ${path}: ${reply.status} ${error?.code ?? ''} ${error?.message ?? ''}`,
      );
    }
    return reply.body as T;
  }

  #keepCookie(response: Response): void {
    const [first] = response.headers.getSetCookie();
    if (first) this.#cookie = first.split(';')[0] ?? '';
  }
}

async function readBody(response: Response): Promise<unknown> {
  const isJson = response.headers.get('content-type')?.includes('json');
  if (isJson) return response.json();
  const bytes = new Uint8Array(await response.arrayBuffer());
  return bytes.length > 0 ? bytes : null;
}
