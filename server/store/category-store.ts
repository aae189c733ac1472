import { QueryTypes } from 'sequelize';
import { AppError } from '../../shared/errors.ts';
import type { CategoryRecord, CategoryStore } from '../domain/ports.ts';
import { givenOf } from '../../shared/given.ts';
import type { Database } from './database.ts';
import { IS_PRE_TAUGHT } from './pre-taught.ts';
import { isUuid } from './uuid.ts';

interface CategoryRow {
  readonly id: string;
  readonly projectId: string;
  readonly name: string;
  readonly starterName: string | null;
  readonly preTaught: boolean;
  readonly createdAt: Date;
  readonly examples: number;
}

/** Categories in Postgres; that a name is taken is found by a unique index. */
export function createCategoryStore(database: Database): CategoryStore {
  const { models } = database;
  return {
    create: async (category) => {
      const { id } = (await models.category.create(category)).get();
      const [row] = await select(database, { column: 'id', id });
      if (!row) throw unknownCategory();
      return present(row);
    },
    find: async (categoryId) => {
      const [row] = await select(database, { column: 'id', id: categoryId });
      return row ? present(row) : null;
    },
    list: async (projectId) => {
      const rows = await select(database, { column: 'project_id', id: projectId });
      return rows.map(present);
    },
    update: async (categoryId, change) => {
      const category = isUuid(categoryId) ? await models.category.findByPk(categoryId) : null;
      await category?.update(givenOf(change));
      const [row] = await select(database, { column: 'id', id: categoryId });
      if (!row) throw unknownCategory();
      return present(row);
    },
    remove: async (categoryId) => {
      const removed = isUuid(categoryId)
        ? await models.category.destroy({ where: { id: categoryId } })
        : 0;
      if (removed === 0) throw unknownCategory();
    },
  };
}

async function select(
  { sequelize }: Database,
  { column, id }: { readonly column: 'id' | 'project_id'; readonly id: string },
): Promise<CategoryRow[]> {
  if (!isUuid(id)) return [];
  return sequelize.query<CategoryRow>(
    `select category.id, category.project_id as "projectId", category.name,
       category.starter_name as "starterName", category.created_at as "createdAt",
       ${IS_PRE_TAUGHT} as "preTaught",
       (select count(*)::int from examples
        where category_id = category.id and deleted_at is null) as examples
     from categories category
     join projects project on project.id = category.project_id
     left join model_versions version on version.id = project.model_version_id
     where category.${column} = $1 order by category.position`,
    { bind: [id], type: QueryTypes.SELECT },
  );
}

function present(row: CategoryRow): CategoryRecord {
  return {
    id: row.id,
    projectId: row.projectId,
    name: row.name,
    preTaught: row.preTaught,
    starterName: row.starterName,
    examples: row.examples,
    createdAt: row.createdAt.toISOString(),
  };
}

function unknownCategory(): AppError {
  return new AppError('category.unknown', 'There is no such category.');
}
