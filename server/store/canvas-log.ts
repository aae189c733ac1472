import type { PoolClient } from 'pg';
import type { BlobStore } from '../domain/ports.ts';
import type { CanvasLog, LogEntry, LoggedUpdate, UnreadableUpdate } from '../sync/canvas-log.ts';
import { compactCanvas, renewCanvas } from './canvas-replacement.ts';
import type { StateColumns } from './canvas-states.ts';
import { asBuffer, CanvasStates } from './canvas-states.ts';
import type { Database } from './database.ts';
import { withDatabaseErrors } from './database-errors.ts';
import { inTransaction } from './in-transaction.ts';
import { isUuid } from './uuid.ts';

/**
 * The log of canvases in Postgres, by plain statements: it is written for every stroke. What is
 * still sent to a canvas that was deleted meanwhile is dropped, so that it does not hold up the
 * canvases in the same batch; such an entry has the row 0.
 */
export function createCanvasLog({ pool }: Pick<Database, 'pool'>, blobs: BlobStore): CanvasLog {
  const states = new CanvasStates(blobs);
  return withDatabaseErrors<CanvasLog>({
    append: async (batch) => {
      const { rows } = await pool.query<InsertedRow>(INSERT, columnsOf(batch));
      return rowsInOrder(batch, rows);
    },
    load: async (canvasId) => {
      if (!isUuid(canvasId)) return null;
      const read = await inTransaction(pool, READ_CONSISTENTLY, (client) =>
        readRows(client, canvasId),
      );
      if (!read) return null;
      const { generation, newest, updates } = read;
      const snapshot = newest ? await states.get(newest) : null;
      const snapshotNumber = newest ? BigInt(newest.number) : null;
      return { generation, snapshot, snapshotNumber, updates };
    },
    compact: (canvasId, replacement) => compactCanvas({ pool, states }, canvasId, replacement),
    renew: (canvasId, renewal) => renewCanvas({ pool, states }, canvasId, renewal),
    setAside: (canvasId, rows) =>
      inTransaction(pool, '', (client) => moveToQuarantine(client, canvasId, rows)),
  });
}

const READ_CONSISTENTLY = 'isolation level repeatable read read only';
const MAX_REASON_CHARACTERS = 500;

interface InsertedRow {
  readonly canvasId: string;
  readonly seq: string;
}

const INSERT = {
  name: 'append_canvas_updates',
  /** A network that goes silent must not hold up all commits: what is lost or late comes again. */
  query_timeout: 10_000,
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

interface ReadRows {
  readonly generation: number;
  readonly newest: (StateColumns & { readonly number: string }) | undefined;
  readonly updates: readonly LoggedUpdate[];
}

async function readRows(client: PoolClient, canvasId: string): Promise<ReadRows | null> {
  const canvases = await client.query<{ generation: number }>(
    'select generation from canvases where id = $1',
    [canvasId],
  );
  const canvas = canvases.rows[0];
  if (!canvas) return null;
  const snapshots = await client.query<StateColumns & { number: string }>(
    `select number, state, blob_ref as "blobRef", sha256 from canvas_snapshots
     where canvas_id = $1 order by number desc limit 1`,
    [canvasId],
  );
  const updates = await client.query<{ seq: string; data: Buffer }>(
    'select seq, data from canvas_updates where canvas_id = $1 order by seq',
    [canvasId],
  );
  return {
    generation: canvas.generation,
    newest: snapshots.rows[0],
    updates: updates.rows.map(({ seq, data }) => ({ seq: BigInt(seq), update: data })),
  };
}

async function moveToQuarantine(
  client: PoolClient,
  canvasId: string,
  rows: readonly UnreadableUpdate[],
): Promise<void> {
  const bySeq = [canvasId, rows.map(({ seq }) => seq.toString())];
  await client.query(
    `insert into canvas_unreadable_updates (canvas_id, seq, author_id, data, created_at, reason)
     select canvas_id, seq, author_id, data, created_at, said.reason
     from canvas_updates join unnest($2::bigint[], $3::text[]) as said (seq, reason) using (seq)
     where canvas_id = $1
     on conflict do nothing`,
    [...bySeq, rows.map(({ reason }) => storable(reason))],
  );
  await client.query(
    'delete from canvas_updates where canvas_id = $1 and seq = any($2::bigint[])',
    bySeq,
  );
}

function storable(text: string): string {
  return text.replaceAll('\0', '').slice(0, MAX_REASON_CHARACTERS);
}
