import { createHash } from 'node:crypto';
import type { PoolClient } from 'pg';
import type { CanvasLog, LogEntry, LoggedUpdate, StoredCanvas } from '../sync/canvas-log.ts';
import type { Database } from './database.ts';
import { withDatabaseErrors } from './database-errors.ts';
import { isUuid } from './uuid.ts';

/**
 * The log of canvases in Postgres, by plain statements: it is written for every stroke. What is
 * still sent to a canvas that was deleted meanwhile is dropped, so that it does not hold up the
 * canvases in the same batch; such an entry has the row 0.
 */
export function createCanvasLog({ pool }: Database): CanvasLog {
  return withDatabaseErrors<CanvasLog>({
    append: async (batch) => {
      const { rows } = await pool.query<InsertedRow>(INSERT, columnsOf(batch));
      return rowsInOrder(batch, rows);
    },
    load: async (canvasId) => {
      if (!isUuid(canvasId)) return null;
      return inTransaction(pool, 'isolation level repeatable read read only', (client) =>
        readCanvas(client, canvasId),
      );
    },
    compact: (canvasId, snapshot, seqs) =>
      inTransaction(pool, '', (client) => replaceRows(client, canvasId, { snapshot, seqs })),
  });
}

interface InsertedRow {
  readonly canvasId: string;
  readonly seq: string;
}

const INSERT = {
  name: 'append_canvas_updates',
  text: `with present as (
      select id from canvases where id = any($1::uuid[]) for key share
    )
    insert into canvas_updates (canvas_id, author_id, data)
    select entry.canvas_id, entry.author_id, entry.data
    from unnest($1::uuid[], $2::uuid[], $3::bytea[]) with ordinality
      as entry (canvas_id, author_id, data, place)
    join present on present.id = entry.canvas_id
    order by entry.place
    returning canvas_id as "canvasId", seq`,
};

function columnsOf(batch: readonly LogEntry[]): unknown[] {
  return [
    batch.map(({ canvasId }) => canvasId),
    batch.map(({ authorId }) => authorId),
    batch.map(({ update }) => asBuffer(update)),
  ];
}

/** Rows are numbered in the order of the batch, those of one canvas among themselves, too. */
function rowsInOrder(batch: readonly LogEntry[], rows: readonly InsertedRow[]): bigint[] {
  const rowsOf = new Map<string, bigint[]>();
  for (const { canvasId, seq } of rows) {
    rowsOf.set(canvasId, [...(rowsOf.get(canvasId) ?? []), BigInt(seq)]);
  }
  return batch.map(({ canvasId }) => rowsOf.get(canvasId.toLowerCase())?.shift() ?? 0n);
}

async function readCanvas(client: PoolClient, canvasId: string): Promise<StoredCanvas | null> {
  const canvas = await client.query('select 1 from canvases where id = $1', [canvasId]);
  if (canvas.rowCount === 0) return null;
  const snapshots = await client.query<{ state: Buffer; sha256: Buffer }>(
    'select state, sha256 from canvas_snapshots where canvas_id = $1 order by number desc limit 1',
    [canvasId],
  );
  const updates = await client.query<{ seq: string; data: Buffer }>(
    'select seq, data from canvas_updates where canvas_id = $1 order by seq',
    [canvasId],
  );
  const newest = snapshots.rows[0];
  return {
    snapshot: newest ? intact(canvasId, newest) : null,
    updates: updates.rows.map(({ seq, data }): LoggedUpdate => ({
      seq: BigInt(seq),
      update: data,
    })),
  };
}

/** An older snapshot would lack ink without a word, so a damaged one is an error, not a detour. */
function intact(canvasId: string, { state, sha256 }: { state: Buffer; sha256: Buffer }): Buffer {
  if (digest(state).equals(sha256)) return state;
  throw new Error(`The snapshot of canvas ${canvasId} is damaged.`);
}

async function replaceRows(
  client: PoolClient,
  canvasId: string,
  { snapshot, seqs }: { readonly snapshot: Uint8Array; readonly seqs: readonly bigint[] },
): Promise<void> {
  const inserted = await client.query(
    `insert into canvas_snapshots (canvas_id, state, sha256)
     select id, $2, $3 from canvases where id = $1 for key share`,
    [canvasId, asBuffer(snapshot), digest(snapshot)],
  );
  if (inserted.rowCount === 0) return;
  await client.query(
    'delete from canvas_updates where canvas_id = $1 and seq = any($2::bigint[])',
    [canvasId, seqs.map(String)],
  );
  await client.query(
    `delete from canvas_snapshots where canvas_id = $1 and number not in (
       select number from canvas_snapshots where canvas_id = $1 order by number desc limit 3)`,
    [canvasId],
  );
}

async function inTransaction<T>(
  pool: Database['pool'],
  mode: string,
  task: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let failure: Error | undefined;
  try {
    await client.query(`begin ${mode}`);
    const result = await task(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((broken: Error) => {
      failure = broken;
    });
    throw error;
  } finally {
    // A connection that cannot even roll back is thrown away.
    client.release(failure);
  }
}

function digest(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
