import type { Transaction, WhereOptions } from 'sequelize';
import { Op, QueryTypes } from 'sequelize';
import { AppError } from '../../shared/errors.ts';
import { MAX_EXAMPLES_PER_PROJECT } from '../../shared/limits.ts';
import type {
  DatasetExample,
  ExampleFilter,
  ExampleRecord,
  ExampleStore,
  NewExample,
} from '../domain/ports.ts';
import { givenOf } from '../../shared/given.ts';
import type { Database } from './database.ts';
import { lockProject } from './dataset-order.ts';
import { dealInProject } from './dealt-splits.ts';
import { insertExamples } from './example-rows.ts';
import {
  countEmbedded,
  readEmbeddingsOf,
  readNewestEmbeddings,
  removeUnusedEmbeddings,
  writeEmbeddings,
} from './embedding-rows.ts';
import type { ExampleModel } from './models/example-model.ts';
import { positionBefore, toPage } from './page.ts';
import { isUuid } from './uuid.ts';

/** What is read of an example; its raster is left in the database. */
const attributes = { exclude: ['raster', 'contentHash'] };

/** Examples, their rasters and embeddings in Postgres; so many of a project at most. */
export function createExampleStore(
  database: Database,
  maxExamples = MAX_EXAMPLES_PER_PROJECT,
): ExampleStore {
  const { models } = database;
  return {
    add: (examples) => addExamples(database, examples, maxExamples),
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
    newestEmbeddings: (seen) => readNewestEmbeddings(database, seen),
    countEmbedded: (seen) => countEmbedded(database, seen),
    dataset: (projectId) => readDataset(database, projectId),
    embeddingsOf: (exampleIds, backboneId) => readEmbeddingsOf(database, exampleIds, backboneId),
    addEmbeddings: (backboneId, embedded) => writeEmbeddings(database, backboneId, embedded),
    removeEmbeddings: (backboneId) => removeUnusedEmbeddings(database, backboneId),
    countSince: (projectId, since) => countExamples(database, projectId, since),
    unreferencedBlobKeys: (keys) => findUnreferenced(database, keys),
  };
}

async function addExamples(
  database: Database,
  examples: readonly NewExample[],
  maxExamples: number,
): Promise<ExampleRecord[]> {
  const [first] = examples;
  if (!first) return [];
  const { projectId } = first;
  const ids = examples.map(({ id }) => id);
  const rows = await database.sequelize.transaction(async (transaction) => {
    await lockProject(database, projectId, transaction);
    const room = { projectId, adding: examples.length, maxExamples };
    await assertRoom(database, room, transaction);
    const splits = await dealInProject(database, examples, transaction);
    await insertExamples(database, { examples, splits }, transaction);
    return database.models.example.findAll({ attributes, where: { id: ids }, transaction });
  });
  const place = new Map(ids.map((id, index) => [id, index]));
  const placeOf = (row: ExampleModel): number => place.get(row.id) ?? 0;
  return rows.sort((a, b) => placeOf(a) - placeOf(b)).map(present);
}

/** The project is locked, so that nobody else takes the room meanwhile. */
async function assertRoom(
  { models }: Database,
  batch: { readonly projectId: string; readonly adding: number; readonly maxExamples: number },
  transaction: Transaction,
): Promise<void> {
  const { projectId, adding, maxExamples } = batch;
  const where = { projectId, deletedAt: null };
  const present = await models.example.count({ where, transaction });
  if (present + adding <= maxExamples) return;
  throw new AppError(
    'dataset.too_large',
    `A project has at most ${maxExamples} examples. Delete some that it can do without, or go on in a new project.`,
    { limit: maxExamples, present },
  );
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

async function readDataset({ models }: Database, projectId: string): Promise<DatasetExample[]> {
  const rows = await models.example.findAll({
    attributes: { exclude: ['raster'] },
    where: { projectId },
    order: [['position', 'ASC']],
  });
  return rows.map((row) => ({
    id: row.id,
    categoryId: row.categoryId,
    split: row.split,
    source: row.source,
    authorId: row.authorId,
    createdAt: row.createdAt.toISOString(),
    contentHash: row.contentHash,
    strokesKey: row.strokesKey,
    isDeleted: row.deletedAt !== null,
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

/** Checkpoints are a run's for as long as it may be taken up again; the rest is told by columns. */
async function findUnreferenced(
  { sequelize }: Database,
  keys: readonly string[],
): Promise<string[]> {
  const rows = await sequelize.query<{ key: string }>(
    `select key from unnest($1::text[]) as key
     where not exists (select 1 from examples where strokes_key = key)
       and not exists (select 1 from examples where image_key = key)
       and not exists (select 1 from model_versions where head_key = key)
       and not exists (select 1 from model_versions where backbone_key = key)
       and not exists (select 1 from model_versions where snapshot_key = key)
       and not exists (select 1 from canvas_snapshots where blob_ref = key)
       and not exists (select 1 from canvas_versions where blob_ref = key)
       and not exists (select 1 from training_runs
         where state in ('queued', 'running') and 'checkpoints/' || id = key)`,
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
