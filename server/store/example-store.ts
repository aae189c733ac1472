import type { WhereOptions } from 'sequelize';
import { Op, QueryTypes } from 'sequelize';
import { AppError } from '../../shared/errors.ts';
import type { Split } from '../../shared/example.ts';
import type {
  EmbeddedExample,
  ExampleFilter,
  ExampleRecord,
  ExampleStore,
  NewExample,
} from '../domain/ports.ts';
import { givenOf } from '../../shared/given.ts';
import type { Database } from './database.ts';
import { dealSplits, insertExamples } from './example-rows.ts';
import { bytesToFloats } from './float-bytes.ts';
import type { ExampleModel } from './models/example-model.ts';
import { positionBefore, toPage } from './page.ts';
import { isUuid } from './uuid.ts';

/** What is read of an example; its raster is left in the database. */
const attributes = { exclude: ['raster', 'contentHash'] };

/** Examples, their rasters and embeddings in Postgres. */
export function createExampleStore(database: Database): ExampleStore {
  const { models } = database;
  return {
    add: (examples) => addExamples(database, examples),
    find: async (exampleId) => {
      const row = isUuid(exampleId)
        ? await models.example.findByPk(exampleId, { attributes })
        : null;
      return row && present(row);
    },
    list: async (projectId, filter) => {
      const rows = await models.example.findAll({
        attributes,
        where: matching(projectId, filter),
        order: [['position', 'DESC']],
        limit: filter.limit + 1,
      });
      return toPage(rows, filter.limit, present);
    },
    update: async (exampleId, { isDeleted, ...change }) => {
      const row = isUuid(exampleId)
        ? await models.example.findByPk(exampleId, { attributes })
        : null;
      if (!row) throw new AppError('example.unknown', 'There is no such example.');
      const deletion = isDeleted === undefined ? {} : { deletedAt: isDeleted ? new Date() : null };
      return present(await row.update({ ...givenOf(change), ...deletion }));
    },
    embeddings: (projectId, backboneId) => readEmbeddings(database, projectId, backboneId),
    countSince: (projectId, since) => countExamples(database, projectId, since),
    unreferencedBlobKeys: (keys) => findUnreferenced(database, keys),
  };
}

async function addExamples(
  database: Database,
  examples: readonly NewExample[],
): Promise<ExampleRecord[]> {
  if (examples.length === 0) return [];
  const ids = examples.map(({ id }) => id);
  const rows = await database.sequelize.transaction(async (transaction) => {
    const splits = await dealSplits(database, examples, transaction);
    await insertExamples(database, { examples, splits }, transaction);
    return database.models.example.findAll({ attributes, where: { id: ids }, transaction });
  });
  const place = new Map(ids.map((id, index) => [id, index]));
  const placeOf = (row: ExampleModel): number => place.get(row.id) ?? 0;
  return rows.sort((a, b) => placeOf(a) - placeOf(b)).map(present);
}

function matching(projectId: string, filter: ExampleFilter): WhereOptions<ExampleModel> {
  const { categoryId, source, split } = filter;
  return {
    projectId,
    deletedAt: null,
    position: { [Op.lt]: positionBefore(filter) },
    ...givenOf({ categoryId, source, split }),
  };
}

interface EmbeddingRow {
  readonly exampleId: string;
  readonly categoryId: string;
  readonly split: Split;
  readonly vectors: Buffer;
}

async function readEmbeddings(
  { pool }: Database,
  projectId: string,
  backboneId: string,
): Promise<EmbeddedExample[]> {
  const { rows } = await pool.query<EmbeddingRow>(
    `select e.id as "exampleId", e.category_id as "categoryId", e.split, v.vectors
     from examples e join embeddings v on v.example_id = e.id and v.backbone_id = $2
     where e.project_id = $1 and e.deleted_at is null order by e.position`,
    [projectId, backboneId],
  );
  return rows.map(({ vectors, ...example }) => ({
    ...example,
    embeddings: bytesToFloats(vectors),
  }));
}

async function countExamples(
  { sequelize }: Database,
  projectId: string,
  since: string | null,
): Promise<number> {
  const [counted] = await sequelize.query<{ examples: number }>(
    `select count(*)::int as examples from examples
     where project_id = $1 and created_at > coalesce($2::timestamptz, '-infinity')
       and deleted_at is null`,
    { bind: [projectId, since], type: QueryTypes.SELECT },
  );
  return counted?.examples ?? 0;
}

/** Keys of heads are referenced by model versions, all others by examples. */
async function findUnreferenced(
  { sequelize }: Database,
  keys: readonly string[],
): Promise<string[]> {
  const rows = await sequelize.query<{ key: string }>(
    `select key from unnest($1::text[]) as key
     where not exists (select 1 from examples where strokes_key = key)
       and not exists (select 1 from examples where image_key = key)
       and not exists (select 1 from model_versions where head_key = key)`,
    { bind: [keys], type: QueryTypes.SELECT },
  );
  return rows.map(({ key }) => key);
}

function present(row: ExampleModel): ExampleRecord {
  return {
    id: row.id,
    projectId: row.projectId,
    categoryId: row.categoryId,
    authorId: row.authorId,
    source: row.source,
    split: row.split,
    canvasId: row.canvasId,
    sketchId: row.sketchId,
    createdAt: row.createdAt.toISOString(),
    strokesKey: row.strokesKey,
    imageKey: row.imageKey,
    isDeleted: row.deletedAt !== null,
  };
}
