import { QueryTypes } from 'sequelize';
import type { Database } from './database.ts';
import { isUuid } from './uuid.ts';

/** The dataset of a project has changed, and no run was requested for that. */
export async function markChanged({ sequelize }: Database, projectId: string): Promise<void> {
  if (!isUuid(projectId)) return;
  await sequelize.query('update projects set dataset_changed_at = now() where id = $1', {
    bind: [projectId],
  });
}

/**
 * A run that was cancelled puts the next one off, but what it would have learnt has still to be
 * learnt. Examples tell of changes for which a run was requested that did not come to its end.
 */
export async function findDue({ sequelize }: Database, now: Date): Promise<string[]> {
  const rows = await sequelize.query<{ readonly id: string }>(
    `select project.id from projects project
     left join lateral (
       select max(requested_at) as at,
         max(requested_at) filter (where state <> 'cancelled' and rebuild_of is null) as learnt_at
       from training_runs where project_id = project.id
     ) newest on true
     where strategy -> 'when' ->> 'kind' = 'on_schedule'
       and coalesce(newest.at <= $1::timestamptz
         - (strategy -> 'when' ->> 'everyMinutes')::int * interval '1 minute', true)
       and (coalesce(project.dataset_changed_at > newest.learnt_at, newest.learnt_at is null)
         or exists (select 1 from examples where project_id = project.id
           and created_at > newest.learnt_at and deleted_at is null))
     order by project.position`,
    { bind: [now], type: QueryTypes.SELECT },
  );
  return rows.map(({ id }) => id);
}
