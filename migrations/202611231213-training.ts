import type { Migration } from './migration.ts';

/** Training runs, which are the queue, and the model versions they make. */
export const training: Migration = {
  name: '202611231213-training',
  up: ({ query }) =>
    query(`
      create table training_runs (
        id uuid primary key default gen_random_uuid(),
        position bigint generated always as identity unique,
        project_id uuid not null references projects on delete cascade,
        state text not null default 'queued'
          check (state in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
        layers text not null,
        hyperparameters jsonb not null,
        progress jsonb not null,
        reason text,
        trainer_id text,
        lease_until timestamptz,
        attempts integer not null default 0,
        is_cancel_requested boolean not null default false,
        created_at timestamptz(3) not null default now(),
        -- Later than created_at where a queued run was asked for again.
        requested_at timestamptz(3) not null default now(),
        finished_at timestamptz(3),
        check ((state = 'running') = (trainer_id is not null and lease_until is not null))
      );
      -- At most one queued and one running a project, whatever the trainers do.
      create unique index training_runs_queued on training_runs (project_id)
        where state = 'queued';
      create unique index training_runs_running on training_runs (project_id)
        where state = 'running';
      create index training_runs_of_project on training_runs (project_id, position desc);
      create index training_runs_claimable on training_runs (position)
        where state in ('queued', 'running');

      create table model_versions (
        id uuid primary key default gen_random_uuid(),
        position bigint generated always as identity unique,
        project_id uuid not null references projects on delete cascade,
        number integer not null,
        layers text not null,
        training_run_id uuid unique references training_runs on delete set null,
        backbone_id text not null,
        head_key text not null,
        categories jsonb not null,
        metrics jsonb not null,
        created_at timestamptz(3) not null default now(),
        unique (project_id, number)
      );
      create index model_versions_of_project on model_versions (project_id, position desc);
      create index model_versions_head_key on model_versions (head_key);

      alter table projects
        add column model_version_id uuid references model_versions on delete set null,
        add column promoted_at timestamptz(3);
      create index projects_model_version on projects (model_version_id);
      alter table examples
        add foreign key (model_version_id) references model_versions on delete set null;
      create index examples_model_version on examples (model_version_id);
    `),
  down: ({ query }) =>
    query(`
      alter table examples drop constraint examples_model_version_id_fkey;
      drop index examples_model_version;
      alter table projects drop column model_version_id, drop column promoted_at;
      drop table model_versions, training_runs;
    `),
};
