import type { Transaction } from 'sequelize';
import type { Split } from '../../shared/example.ts';
import type { NewExample } from '../domain/ports.ts';
import type { Database } from './database.ts';
import { JOINED_AT } from './dataset-order.ts';
import { floatsToBytes } from './float-bytes.ts';

/**
 * Inserts the examples of a project that is locked, and their embeddings, in two statements, however
 * many there are.
 */
export async function insertExamples(
  { sequelize }: Database,
  batch: { readonly examples: readonly NewExample[]; readonly splits: readonly Split[] },
  transaction: Transaction,
): Promise<void> {
  const { examples, splits } = batch;
  const column = <T>(read: (example: NewExample) => T): T[] => examples.map(read);
  await sequelize.query(
    `insert into examples (id, project_id, category_id, author_id, source, split, canvas_id,
       sketch_id, predicted_category_id, predicted_confidence, model_version_id, content_hash,
       strokes_key, image_key, raster, created_at)
     select given.*, (select ${JOINED_AT}) from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[],
       $7::uuid[], $8::uuid[], $9::uuid[], $10::real[], $11::uuid[], $12::text[], $13::text[],
       $14::text[], $15::bytea[]) given`,
    {
      transaction,
      bind: [
        column(({ id }) => id),
        column(({ projectId }) => projectId),
        column(({ categoryId }) => categoryId),
        column(({ authorId }) => authorId),
        column(({ source }) => source),
        splits,
        column(({ canvasId }) => canvasId),
        column(({ sketchId }) => sketchId),
        column(({ predictedCategoryId }) => predictedCategoryId),
        column(({ predictedConfidence }) => predictedConfidence),
        column(({ modelVersionId }) => modelVersionId),
        column(({ contentHash }) => contentHash),
        column(({ strokesKey }) => strokesKey),
        column(({ imageKey }) => imageKey),
        column(({ raster }) => Buffer.from(raster)),
      ],
    },
  );
  await sequelize.query(
    `insert into embeddings (example_id, backbone_id, vectors)
     select * from unnest($1::uuid[], $2::text[], $3::bytea[])`,
    {
      transaction,
      bind: [
        column(({ id }) => id),
        column(({ backboneId }) => backboneId),
        column(({ embeddings }) => floatsToBytes(embeddings)),
      ],
    },
  );
}
