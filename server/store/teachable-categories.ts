import { QueryTypes } from 'sequelize';
import type { TeachableCategory } from '../../shared/training-needs.ts';
import type { TrainingData } from '../../shared/training-strategy.ts';
import type { Database } from './database.ts';
import { IS_PRE_TAUGHT } from './pre-taught.ts';
import { isUuid } from './uuid.ts';

/**
 * The categories of a project in order of creation, with how many examples of the training split a
 * run on these data would learn from. What ships of a category is of the starter model: where the
 * served version has a backbone of its own, nothing is pre-taught.
 */
export async function countTeachable(
  { sequelize }: Database,
  projectId: string,
  data: TrainingData,
): Promise<TeachableCategory[]> {
  if (!isUuid(projectId)) return [];
  const { isChosen, count, bind } = choiceOf(data);
  return sequelize.query<TeachableCategory>(
    `select category.name,
       ${IS_PRE_TAUGHT} as "preTaught",
       (select ${count} from examples
        where examples.category_id = category.id and split = 'train' and deleted_at is null
          and ${isChosen})::int as examples
     from categories category
     join projects project on project.id = category.project_id
     left join model_versions version on version.id = project.model_version_id
     where category.project_id = $1 order by category.position`,
    { bind: [projectId, ...bind], type: QueryTypes.SELECT },
  );
}

interface Choice {
  /** A condition on `examples`. */
  readonly isChosen: string;
  /** How many of the chosen ones count, from $2 on with what is bound. */
  readonly count: string;
  readonly bind: readonly unknown[];
}

function choiceOf(data: TrainingData): Choice {
  switch (data.kind) {
    case 'all':
      return { isChosen: 'true', count: 'count(*)', bind: [] };
    case 'sources':
      return { isChosen: 'source = any($2::text[])', count: 'count(*)', bind: [data.sources] };
    case 'authors':
      return {
        isChosen: 'author_id = any($2::uuid[])',
        count: 'count(*)',
        bind: [data.authorIds],
      };
    case 'new_and_replay': {
      const isNew = `coalesce(examples.created_at > version.created_at, true)`;
      const count = `count(*) filter (where ${isNew})
        + least(count(*) filter (where not ${isNew}), $2::int)`;
      return { isChosen: 'true', count, bind: [data.replayPerCategory] };
    }
  }
}
