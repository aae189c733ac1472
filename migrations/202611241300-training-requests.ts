import type { Migration } from './migration.ts';

/** Who asked for a run, and when a dataset changed without one: what schedules need to know. */
export const trainingRequests: Migration = {
  name: '202611241300-training-requests',
  up: ({ query }) =>
    query(`
      -- Asked for by the project's strategy, not by hand.
      alter table training_runs add column is_automatic boolean not null default false;
      -- Set where no run was requested for a change.
      alter table projects add column dataset_changed_at timestamptz(3);
      create index projects_on_schedule on projects (id)
        where strategy -> 'when' ->> 'kind' = 'on_schedule';
    `),
  down: ({ query }) =>
    query(`
      drop index projects_on_schedule;
      alter table projects drop column dataset_changed_at;
      alter table training_runs drop column is_automatic;
    `),
};
