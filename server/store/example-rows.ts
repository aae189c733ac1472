import type { Transaction } from 'sequelize';
import { QueryTypes } from 'sequelize';
import { AppError } from '../../shared/errors.ts';
import type { Split } from '../../shared/example.ts';
import { splitOfNth } from '../../shared/example.ts';
import type { NewExample } from '../domain/ports.ts';
import type { Database } from './database.ts';
import { floatsToBytes } from './float-bytes.ts';

/**
 * Gives each example its split, in their order. Feedback always trains; the others are counted per
 * category, and the count stays locked until the transaction ends, so no place is given twice.
 */
export async function dealSplits(
  { sequelize }: Database,
  examples: readonly NewExample[],
  transaction: Transaction,
): Promise<Split[]> {
  const categoryIds = [...new Set(examples.map(({ categoryId }) => categoryId))];
  // In one order everywhere, so that two batches never wait for each other in a circle.
  const rows = await sequelize.query<{ id: string; dealt: number }>(
    `select id, dealt_examples as dealt from categories where id = any($1::uuid[])
     order by id for no key update`,
    { bind: [categoryIds], type: QueryTypes.SELECT, transaction },
  );
  if (rows.length < categoryIds.length) {
    throw new AppError('category.unknown', 'A category of these examples does not exist.');
  }
  const dealt = new Map(rows.map((row) => [row.id, row.dealt]));
  const splits = examples.map(({ categoryId, source }) => {
    if (source === 'feedback') return 'train';
    const nth = dealt.get(categoryId) ?? 0;
    dealt.set(categoryId, nth + 1);
    return splitOfNth(nth);
  });
  await sequelize.query(
    `update categories set dealt_examples = dealt.count
     from unnest($1::uuid[], $2::int[]) as dealt (id, count) where categories.id = dealt.id`,
    { bind: [[...dealt.keys()], [...dealt.values()]], transaction },
  );
  return splits;
}

/** Inserts the examples and their embeddings in two statements, however many there are. */
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
       strokes_key, image_key, raster)
     select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[],
       $7::uuid[], $8::uuid[], $9::uuid[], $10::real[], $11::uuid[], $12::text[], $13::text[],
       $14::text[], $15::bytea[])`,
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
