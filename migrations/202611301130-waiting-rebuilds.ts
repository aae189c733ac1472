import type { Migration } from './migration.ts';

/** A rebuild and a run of what the dataset is now wait beside each other, one of each a project. */
export const waitingRebuilds: Migration = {
  name: '202611301130-waiting-rebuilds',
  up: ({ query }) =>
    query(`
      drop index training_runs_queued;
      create unique index training_runs_queued on training_runs
        (project_id, (rebuild_of is not null)) where state = 'queued';
      -- A rebuild whose version is gone would become a run like the other, and then there were two.
      alter table training_runs drop constraint training_runs_rebuild_of_fkey,
        add constraint training_runs_rebuild_of_fkey
          foreign key (rebuild_of) references model_versions on delete cascade;
    `),
  down: ({ query }) =>
    query(`
      alter table training_runs drop constraint training_runs_rebuild_of_fkey,
        add constraint training_runs_rebuild_of_fkey
          foreign key (rebuild_of) references model_versions on delete set null;
      update training_runs rebuild set state = 'cancelled', finished_at = now()
      where state = 'queued' and rebuild_of is not null and exists (
        select 1 from training_runs other
        where other.project_id = rebuild.project_id and other.id <> rebuild.id
          and other.state = 'queued');
      drop index training_runs_queued;
      create unique index training_runs_queued on training_runs (project_id)
        where state = 'queued';
    `),
};
