/** The embeddings of examples, cached for each backbone that has seen them. */
import type { Split } from '../../shared/example.ts';
import type { EmbeddedExample, ExampleEmbeddings } from '../domain/ports.ts';
import type { Database } from './database.ts';
import { bytesToFloats, floatsToBytes } from './float-bytes.ts';

/** Of all examples of a project that are not deleted, oldest first. */
export async function readEmbeddings(
  { pool }: Database,
  projectId: string,
  backboneId: string,
): Promise<EmbeddedExample[]> {
  const { rows } = await pool.query<{
    readonly exampleId: string;
    readonly categoryId: string;
    readonly split: Split;
    readonly vectors: Buffer;
  }>(
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
