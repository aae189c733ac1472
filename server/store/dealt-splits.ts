import type { Transaction } from 'sequelize';
import { QueryTypes } from 'sequelize';
import type { Dealt, SplitCounts } from '../../shared/deal-splits.ts';
import { dealSplits } from '../../shared/deal-splits.ts';
import { AppError } from '../../shared/errors.ts';
import type { Split } from '../../shared/example.ts';
import type { NewExample } from '../domain/ports.ts';
import type { Database } from './database.ts';

/**
 * Gives each example of a batch, all of one project, its split. The project is locked, so that no
 * place is given twice and no author is placed twice.
 */
export async function dealInProject(
  database: Database,
  examples: readonly NewExample[],
  transaction: Transaction,
): Promise<Split[]> {
  const [projectId = '', ...others] = new Set(examples.map((example) => example.projectId));
  if (others.length > 0) throw new Error('The examples of a batch are of several projects.');
  const counted = examples.filter(({ source }) => source !== 'feedback');
  if (counted.length === 0) return examples.map(() => 'train');
  const dealt = await readDealt(database, projectId, transaction);
  if (counted.some(({ categoryId }) => !dealt.categories.has(categoryId))) {
    throw new AppError('category.unknown', 'A category of these examples does not exist.');
  }
  const splits = dealSplits(examples, dealt);
  await addToDealt(database, { examples, splits }, transaction);
  return splits;
}

async function readDealt(
  { sequelize }: Database,
  projectId: string,
  transaction: Transaction,
): Promise<Dealt> {
  const read = async (statement: string): Promise<Map<string, SplitCounts>> => {
    const rows = await sequelize.query<SplitCounts & { id: string }>(statement, {
      bind: [projectId],
      type: QueryTypes.SELECT,
      transaction,
    });
    return new Map(rows.map(({ id, ...counts }) => [id, counts]));
  };
  return {
    categories: await read(
      `select id, dealt_examples - dealt_validation - dealt_test as train,
         dealt_validation as validation, dealt_test as test
       from categories where project_id = $1`,
    ),
    authors: await read(
      `select author_id as id, train, validation, test from dealt_authors where project_id = $1`,
    ),
  };
}

/** One statement, so that both counts rise together. */
async function addToDealt(
  { sequelize }: Database,
  batch: { readonly examples: readonly NewExample[]; readonly splits: readonly Split[] },
  transaction: Transaction,
): Promise<void> {
  const { examples, splits } = batch;
  const counts = `count(*) as examples, count(*) filter (where split = 'train') as train,
    count(*) filter (where split = 'validation') as validation,
    count(*) filter (where split = 'test') as test`;
  await sequelize.query(
    `with given as (
       select * from unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[])
         as given (category_id, author_id, source, split)
       where source <> 'feedback'),
     by_author as (
       insert into dealt_authors as author (project_id, author_id, train, validation, test)
       select $1, author_id, train, validation, test
       from (select author_id, ${counts} from given group by author_id) as dealt
       where author_id is not null
       on conflict (project_id, author_id) do update set train = author.train + excluded.train,
         validation = author.validation + excluded.validation,
         test = author.test + excluded.test)
     update categories set dealt_examples = dealt_examples + dealt.examples,
       dealt_validation = dealt_validation + dealt.validation,
       dealt_test = dealt_test + dealt.test
     from (select category_id, ${counts} from given group by category_id) as dealt
     where categories.id = dealt.category_id`,
    {
      bind: [
        examples[0]?.projectId,
        examples.map(({ categoryId }) => categoryId),
        examples.map(({ authorId }) => authorId),
        examples.map(({ source }) => source),
        splits,
      ],
      transaction,
    },
  );
}
