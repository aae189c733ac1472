import type { PoolClient } from 'pg';
import type { CanvasVersion } from '../../shared/canvas-version.ts';
import { AppError } from '../../shared/errors.ts';
import { MAX_VERSIONS_PER_CANVAS } from '../../shared/limits.ts';
import type { BlobStore, CanvasVersionStore, NewCanvasVersion } from '../domain/ports.ts';
import type { StateColumns } from './canvas-states.ts';
import { CanvasStates } from './canvas-states.ts';
import type { Database } from './database.ts';
import { withDatabaseErrors } from './database-errors.ts';
import { inTransaction } from './in-transaction.ts';
import { positionBefore, toPage } from './page.ts';
import { isUuid } from './uuid.ts';

/** Named versions of canvases in Postgres, large ones as blobs. */
export function createCanvasVersionStore(
  { pool }: Pick<Database, 'pool'>,
  blobs: BlobStore,
): CanvasVersionStore {
  const states = new CanvasStates(blobs);
  return withDatabaseErrors<CanvasVersionStore>({
    create: async (version) => {
      const columns = await states.put(version.canvasId, version.state.bytes);
      const { id, replaced } = await inTransaction(pool, '', (client) =>
        insert(client, version, columns),
      );
      await states.remove(replaced);
      return getFrom(await read(pool, SELECT_ONE, [id]));
    },
    find: async (versionId) => {
      if (!isUuid(versionId)) return null;
      const [row] = await read(pool, SELECT_ONE, [versionId]);
      return row ? present(row) : null;
    },
    list: async (canvasId, page) => {
      const rows = await read(
        pool,
        `${SELECT} where version.canvas_id = $1 and version.position < $2
         order by version.position desc limit $3`,
        [canvasId, positionBefore(page), page.limit + 1],
      );
      return toPage(rows, page.limit, present);
    },
    readState: async (versionId) => {
      const { rows } = await pool.query<StateColumns>(
        'select state, blob_ref as "blobRef", sha256 from canvas_versions where id = $1',
        [versionId],
      );
      const [columns] = rows;
      if (!columns)
        throw new AppError('canvas_version.unknown', 'This version has just been deleted.');
      return states.get(columns);
    },
    remove: async (versionId) => {
      const { rows } = await pool.query<{ blobRef: string | null }>(
        'delete from canvas_versions where id = $1 returning blob_ref as "blobRef"',
        [versionId],
      );
      await states.remove(rows.map(({ blobRef }) => blobRef));
    },
  });
}

interface VersionRow extends Omit<CanvasVersion, 'createdAt' | 'createdBy'> {
  readonly position: string;
  readonly createdAt: Date;
  readonly participantId: string | null;
  readonly nickname: string | null;
}

const SELECT = `select version.id, version.position, canvas_id as "canvasId", name, strokes,
    version.created_at as "createdAt", participants.id as "participantId", nickname
  from canvas_versions as version left join participants on participants.id = created_by`;
const SELECT_ONE = `${SELECT} where version.id = $1`;

async function read(
  pool: Database['pool'],
  sql: string,
  values: readonly unknown[],
): Promise<VersionRow[]> {
  return (await pool.query<VersionRow>(sql, [...values])).rows;
}

interface Inserted {
  readonly id: string;
  /** Blobs of versions that made place for it. */
  readonly replaced: readonly (string | null)[];
}

async function insert(
  client: PoolClient,
  { canvasId, name, createdBy, isAutomatic, state }: NewCanvasVersion,
  columns: StateColumns,
): Promise<Inserted> {
  // The count holds: nobody else keeps a version of this canvas meanwhile.
  const canvas = await client.query('select from canvases where id = $1 for no key update', [
    canvasId,
  ]);
  if (canvas.rowCount === 0)
    throw new AppError('canvas.unknown', 'This canvas does not exist any more.');
  const replaced = await makePlace(client, canvasId, isAutomatic);
  const { rows } = await client.query<{ id: string }>(
    `insert into canvas_versions
       (canvas_id, name, state, blob_ref, sha256, strokes, is_automatic, created_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8) returning id`,
    [
      ...[canvasId, name, columns.state, columns.blobRef, columns.sha256],
      ...[state.strokes, isAutomatic, createdBy],
    ],
  );
  return { id: rows[0]?.id ?? '', replaced };
}

/** Returns the blobs of what had to go. */
async function makePlace(
  client: PoolClient,
  canvasId: string,
  isAutomatic: boolean,
): Promise<(string | null)[]> {
  const { rows } = await client.query<{ versions: number }>(
    'select count(*)::int as versions from canvas_versions where canvas_id = $1',
    [canvasId],
  );
  if ((rows[0]?.versions ?? 0) < MAX_VERSIONS_PER_CANVAS) return [];
  const deleted = isAutomatic ? await deleteOldestAutomatic(client, canvasId) : [];
  if (deleted.length > 0) return deleted;
  throw new AppError(
    'canvas_version.too_many',
    `This canvas has ${MAX_VERSIONS_PER_CANVAS} versions, and cannot keep more. Delete one that you do not need, and try again.`,
    { limit: MAX_VERSIONS_PER_CANVAS },
  );
}

async function deleteOldestAutomatic(
  client: PoolClient,
  canvasId: string,
): Promise<(string | null)[]> {
  const { rows } = await client.query<{ blobRef: string | null }>(
    `delete from canvas_versions where id = (
       select id from canvas_versions where canvas_id = $1 and is_automatic
       order by position limit 1)
     returning blob_ref as "blobRef"`,
    [canvasId],
  );
  return rows.map(({ blobRef }) => blobRef);
}

function getFrom([row]: readonly VersionRow[]): CanvasVersion {
  // The canvas may have been deleted in the moment between.
  if (!row) throw new AppError('canvas.unknown', 'This canvas does not exist any more.');
  return present(row);
}

function present({ createdAt, participantId, nickname, ...row }: VersionRow): CanvasVersion {
  const { id, canvasId, name, strokes } = row;
  const createdBy = participantId === null ? null : { participantId, nickname: nickname ?? '' };
  return { id, canvasId, name, strokes, createdBy, createdAt: createdAt.toISOString() };
}
