import type { Migration } from './migration.ts';

/** What people said of predictions. */
export const feedback: Migration = {
  name: '202611231214-feedback',
  up: ({ query }) =>
    query(`
      create table feedback (
        id uuid primary key default gen_random_uuid(),
        canvas_id uuid not null references canvases on delete cascade,
        sketch_id uuid not null,
        sketch_revision bigint not null,
        participant_id uuid not null references participants on delete cascade,
        verdict text not null check (verdict in ('right', 'wrong')),
        category_id uuid not null references categories on delete cascade,
        example_id uuid references examples on delete set null,
        training_run_id uuid references training_runs on delete set null,
        model_version_id uuid references model_versions on delete set null,
        created_at timestamptz(3) not null default now()
      );
      create index feedback_of_sketch on feedback (canvas_id, sketch_id);
      create index feedback_participant on feedback (participant_id);
      create index feedback_category on feedback (category_id);
      create index feedback_example on feedback (example_id);
      create index feedback_training_run on feedback (training_run_id);
      create index feedback_model_version on feedback (model_version_id);
    `),
  down: ({ query }) => query('drop table feedback'),
};
