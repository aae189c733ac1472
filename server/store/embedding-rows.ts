/** The embeddings of examples, cached for each backbone that has seen them. */
import type {
  CategoryEmbeddings,
  ExampleEmbeddings,
  SeenExamples,
} from '../domain/embedding-ports.ts';
import type { Database } from './database.ts';
import { bytesToFloats, floatsToBytes } from './float-bytes.ts';

/** Of each category's newest examples that train and are not deleted, oldest first. */
export async function readNewestEmbeddings(
  { pool }: Database,
  { categoryIds, backboneId, atMost }: SeenExamples,
): Promise<CategoryEmbeddings[]> {
  const { rows } = await pool.query<{
    readonly exampleId: string;
    readonly categoryId: string;
    readonly vectors: Buffer;
  }>(
    `select newest.id as "exampleId", category.id as "categoryId", newest.vectors
     from unnest($1::uuid[]) as category (id) cross join lateral (
       select e.id, e.position, v.vectors
       from examples e join embeddings v on v.example_id = e.id and v.backbone_id = $2
       where e.category_id = category.id and e.split = 'train' and e.deleted_at is null
       order by e.position desc limit $3) newest
     order by newest.position`,
    [categoryIds, backboneId, atMost],
  );
  return rows.map(({ vectors, ...example }) => ({
    ...example,
    embeddings: bytesToFloats(vectors),
  }));
}

/** Of whatever split, deleted ones not counted. */
export async function countEmbedded(
  { pool }: Database,
  { categoryIds, backboneId, atMost }: SeenExamples,
): Promise<Map<string, number>> {
  const { rows } = await pool.query<{ readonly id: string; readonly count: number }>(
    `select category.id, (select count(*)::int from (
       select from examples e join embeddings v on v.example_id = e.id and v.backbone_id = $2
       where e.category_id = category.id and e.deleted_at is null limit $3) seen) as count
     from unnest($1::uuid[]) as category (id)`,
    [categoryIds, backboneId, atMost],
  );
  return new Map(rows.map(({ id, count }) => [id, count]));
}

/** Of these examples, deleted or not. */
export async function readEmbeddingsOf(
  { pool }: Database,
  exampleIds: readonly string[],
  backboneId: string,
): Promise<ExampleEmbeddings[]> {
  const { rows } = await pool.query<{ readonly exampleId: string; readonly vectors: Buffer }>(
    `select example_id as "exampleId", vectors from embeddings
     where example_id = any($1::uuid[]) and backbone_id = $2`,
    [exampleIds, backboneId],
  );
  return rows.map(({ exampleId, vectors }) => ({ exampleId, embeddings: bytesToFloats(vectors) }));
}

/** Those of a large dataset in one statement would be longer than any string can be. */
const ROWS_OF_A_STATEMENT = 1_000;

/** The join leaves out examples that were removed, with their category, in the meantime. */
export async function writeEmbeddings(
  { pool }: Database,
  backboneId: string,
  embedded: readonly ExampleEmbeddings[],
): Promise<void> {
  for (let start = 0; start < embedded.length; start += ROWS_OF_A_STATEMENT)
    await writeRows(pool, backboneId, embedded.slice(start, start + ROWS_OF_A_STATEMENT));
}

async function writeRows(
  pool: Database['pool'],
  backboneId: string,
  embedded: readonly ExampleEmbeddings[],
): Promise<void> {
  await pool.query(
    `insert into embeddings (example_id, backbone_id, vectors)
     select examples.id, $1, given.vectors
     from unnest($2::uuid[], $3::bytea[]) as given (id, vectors) join examples using (id)
     on conflict (example_id, backbone_id) do update set vectors = excluded.vectors`,
    [
      backboneId,
      embedded.map(({ exampleId }) => exampleId),
      embedded.map(({ embeddings }) => floatsToBytes(embeddings)),
    ],
  );
}

export async function removeUnusedEmbeddings(
  { pool }: Database,
  backboneId: string,
): Promise<void> {
  await pool.query(
    `delete from embeddings where backbone_id = $1
     and not exists (select 1 from model_versions where backbone_id = $1)`,
    [backboneId],
  );
}
