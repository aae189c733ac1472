import type { Pool, PoolClient } from 'pg';
import type { Replacement } from '../sync/canvas-log.ts';
import { SnapshotSuperseded } from '../sync/canvas-log.ts';
import type { CanvasStates, StateColumns } from './canvas-states.ts';
import { inTransaction } from './in-transaction.ts';

/** So many snapshots are kept, for people who look into what has gone wrong. */
const KEPT_SNAPSHOTS = 3;

interface Places {
  readonly pool: Pool;
  readonly states: CanvasStates;
}

interface Written {
  readonly number: bigint;
  /** Of snapshots that are gone. */
  readonly blobRefs: readonly (string | null)[];
}

/** A replacement whose large state is a blob already. */
type Prepared = Omit<Replacement, 'snapshot'> & StateColumns;

/** See `CanvasLog.compact`. */
export async function compactCanvas(
  { pool, states }: Places,
  canvasId: string,
  { snapshot, ...rest }: Replacement,
): Promise<bigint | null> {
  const prepared = { ...rest, ...(await states.put(canvasId, snapshot)) };
  const written = await inTransaction(pool, '', (client) =>
    replaceRows(client, canvasId, prepared),
  );
  await states.remove(written?.blobRefs ?? [prepared.blobRef]);
  return written?.number ?? null;
}

/** See `CanvasLog.renew`. */
export async function renewCanvas(
  { pool, states }: Places,
  canvasId: string,
  { snapshot, generation, ...rest }: Replacement & { readonly generation: number },
): Promise<void> {
  const prepared = { ...rest, ...(await states.put(canvasId, snapshot)) };
  const blobRefs = await inTransaction(pool, '', (client) =>
    beginAnew(client, canvasId, { ...prepared, generation }),
  );
  await states.remove(blobRefs);
}

async function replaceRows(
  client: PoolClient,
  canvasId: string,
  replacement: Prepared,
): Promise<Written | null> {
  // One compaction at a time, whichever server it is; appends are not held up by this lock.
  const canvas = await client.query('select id from canvases where id = $1 for no key update', [
    canvasId,
  ]);
  if (canvas.rowCount === 0) return null;
  await assertNewest(client, canvasId, replacement.replaces);
  const number = await insertSnapshot(client, canvasId, replacement);
  await deleteRows(client, canvasId, replacement.seqs);
  const deleted = await client.query<{ blobRef: string | null }>(
    `delete from canvas_snapshots where canvas_id = $1 and number not in (
       select number from canvas_snapshots where canvas_id = $1 order by number desc limit $2)
     returning blob_ref as "blobRef"`,
    [canvasId, KEPT_SNAPSHOTS],
  );
  return { number, blobRefs: deleted.rows.map(({ blobRef }) => blobRef) };
}

async function beginAnew(
  client: PoolClient,
  canvasId: string,
  renewal: Prepared & { readonly generation: number },
): Promise<(string | null)[]> {
  // This lock makes appends wait: none of them may end up in a generation that it is not of.
  const canvas = await client.query(
    'select id from canvases where id = $1 and generation = $2 for update',
    [canvasId, renewal.generation],
  );
  if (canvas.rowCount === 0) throw new SnapshotSuperseded();
  await assertNewest(client, canvasId, renewal.replaces);
  await deleteRows(client, canvasId, renewal.seqs);
  const left = await client.query('select from canvas_updates where canvas_id = $1 limit 1', [
    canvasId,
  ]);
  if (left.rowCount !== 0) throw new SnapshotSuperseded();
  const deleted = await client.query<{ blobRef: string | null }>(
    'delete from canvas_snapshots where canvas_id = $1 returning blob_ref as "blobRef"',
    [canvasId],
  );
  await insertSnapshot(client, canvasId, renewal);
  await client.query('update canvases set generation = generation + 1 where id = $1', [canvasId]);
  return deleted.rows.map(({ blobRef }) => blobRef);
}

async function assertNewest(
  client: PoolClient,
  canvasId: string,
  expected: bigint | null,
): Promise<void> {
  const { rows } = await client.query<{ number: string | null }>(
    'select max(number) as number from canvas_snapshots where canvas_id = $1',
    [canvasId],
  );
  const newest = rows[0]?.number ?? null;
  if (newest !== (expected?.toString() ?? null)) throw new SnapshotSuperseded();
}

async function insertSnapshot(
  client: PoolClient,
  canvasId: string,
  { state, blobRef, sha256 }: StateColumns,
): Promise<bigint> {
  const { rows } = await client.query<{ number: string }>(
    `insert into canvas_snapshots (canvas_id, state, blob_ref, sha256) values ($1, $2, $3, $4)
     returning number`,
    [canvasId, state, blobRef, sha256],
  );
  const [inserted] = rows;
  if (!inserted) throw new Error('A snapshot was inserted without a number.');
  return BigInt(inserted.number);
}

async function deleteRows(
  client: PoolClient,
  canvasId: string,
  seqs: readonly bigint[],
): Promise<void> {
  await client.query(
    'delete from canvas_updates where canvas_id = $1 and seq = any($2::bigint[])',
    [canvasId, seqs.map(String)],
  );
}
