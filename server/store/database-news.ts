import { EventEmitter } from 'node:events';
import { Client } from 'pg';
import type { DatabaseNews } from '../domain/learning-ports.ts';

/** The channels of NOTIFY. A payload is an id, or two with a space between. */
export const CHANNELS = {
  /** Project id. */
  trainingRunQueued: 'training_run_queued',
  /** Training run id. */
  trainingRunProgressed: 'training_run_progressed',
  /** Project id and model version id. */
  modelVersionPromoted: 'model_version_promoted',
  /** Project id and participant id; told by a trigger on the table of roles. */
  accessChanged: 'access_changed',
} as const;

/**
 * What the end of a run tells: how it stands, and that another run of its project may be taken now.
 * Of a row `run` with its id and project.
 */
export const TELL_OF_END = `pg_notify('${CHANNELS.trainingRunProgressed}', run.id::text),
       pg_notify('${CHANNELS.trainingRunQueued}', run.project_id::text)`;

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;
/** A connection is noticed to be gone only after a while: so far back news are told again. */
const OVERLAP_MS = 60_000;
/** Stands for news that nobody wrote down. */
const MISSED = '';

interface ListeningNews extends DatabaseNews {
  close(): Promise<void>;
}

/**
 * Listens on a connection of its own. When that drops it is opened anew, and what was queued or
 * promoted meanwhile is told then: better twice than never. `onLost` hears of each failure.
 */
export async function listenForNews(
  url: string,
  onLost: (error: unknown) => void,
): Promise<ListeningNews> {
  const listener = new NewsListener(url, onLost);
  await listener.open();
  return {
    onTrainingRunQueued: (tell) => listener.on(CHANNELS.trainingRunQueued, tell),
    onTrainingRunProgressed: (tell) => listener.on(CHANNELS.trainingRunProgressed, tell),
    onModelVersionPromoted: (tell) =>
      listener.on(CHANNELS.modelVersionPromoted, (payload) => {
        const [projectId = '', modelVersionId = ''] = payload.split(' ');
        tell(projectId, modelVersionId);
      }),
    onAccessChanged: (tell) =>
      listener.on(CHANNELS.accessChanged, (payload) => {
        const [projectId = '', participantId = ''] = payload.split(' ');
        tell(payload === MISSED ? null : { projectId, participantId });
      }),
    close: () => listener.close(),
  };
}

class NewsListener {
  readonly #url: string;
  readonly #onLost: (error: unknown) => void;
  readonly #channels = new EventEmitter().setMaxListeners(0);
  #client: Client | null = null;
  #retry: NodeJS.Timeout | null = null;
  #isClosed = false;
  #lostAt = 0;

  constructor(url: string, onLost: (error: unknown) => void) {
    this.#url = url;
    this.#onLost = onLost;
  }

  on(channel: string, tell: (payload: string) => void): () => void {
    this.#channels.on(channel, tell);
    return () => this.#channels.off(channel, tell);
  }

  async open(): Promise<void> {
    const client = new Client({ connectionString: this.#url, keepAlive: true });
    let isListening = false;
    const lose = (error: unknown): void => {
      if (!isListening) return;
      isListening = false;
      void client.end().catch(() => undefined);
      this.#reconnect(error);
    };
    client.on('notification', ({ channel, payload }) => {
      this.#channels.emit(channel, payload ?? '');
    });
    // From the first moment, because an error that nobody hears ends the process.
    client.on('error', lose);
    client.on('end', () => lose(new Error('The connection has ended.')));
    try {
      await client.connect();
      await client.query(
        Object.values(CHANNELS)
          .map((channel) => `listen ${channel}`)
          .join(';'),
      );
      isListening = true;
      this.#client = client;
    } catch (error) {
      void client.end().catch(() => undefined);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#retry) clearTimeout(this.#retry);
    await this.#client?.end();
  }

  #reconnect(error: unknown): void {
    this.#client = null;
    if (this.#isClosed) return;
    this.#lostAt = Date.now();
    this.#onLost(error);
    this.#retryAfter(FIRST_RETRY_MS);
  }

  #retryAfter(waitMs: number): void {
    if (this.#isClosed) return;
    const attempt = async (): Promise<void> => {
      try {
        await this.open();
        await this.#tellMissed();
      } catch (error) {
        this.#onLost(error);
        if (!this.#client) this.#retryAfter(Math.min(2 * waitMs, LAST_RETRY_MS));
      }
      if (this.#isClosed) await this.#client?.end();
    };
    this.#retry = setTimeout(() => void attempt(), waitMs);
  }

  async #tellMissed(): Promise<void> {
    this.#channels.emit(CHANNELS.accessChanged, MISSED);
    const { trainingRunQueued, trainingRunProgressed, modelVersionPromoted } = CHANNELS;
    const missedMs = Date.now() - this.#lostAt + OVERLAP_MS;
    const missed = await this.#client?.query<{ channel: string; payload: string }>(
      `select $1 as channel, project_id::text as payload from training_runs where state = 'queued'
       union all
       select $2, id::text from training_runs
       where state = 'running' or finished_at > now() - $4 * interval '1 ms'
       union all
       select $3, id::text || ' ' || model_version_id::text from projects
       where model_version_id is not null and promoted_at > now() - $4 * interval '1 ms'`,
      [trainingRunQueued, trainingRunProgressed, modelVersionPromoted, missedMs],
    );
    for (const { channel, payload } of missed?.rows ?? []) this.#channels.emit(channel, payload);
  }
}
