import type { Migration } from './migration.ts';

/** Canvases and the log of their documents. */
export const canvases: Migration = {
  name: '202611231211-canvases',
  up: ({ query }) =>
    query(`
      create table canvases (
        id uuid primary key default gen_random_uuid(),
        position bigint generated always as identity unique,
        project_id uuid not null references projects on delete cascade,
        name text not null,
        mode text not null check (mode in ('free', 'tiles', 'together')),
        created_at timestamptz(3) not null default now()
      );
      create index canvases_of_project on canvases (project_id, position desc);

      -- Append only; a row goes when a snapshot contains it.
      create table canvas_updates (
        canvas_id uuid not null references canvases on delete cascade,
        seq bigint generated always as identity,
        author_id uuid,
        data bytea not null,
        created_at timestamptz(3) not null default now(),
        primary key (canvas_id, seq)
      );

      create table canvas_snapshots (
        canvas_id uuid not null references canvases on delete cascade,
        number bigint generated always as identity,
        state bytea not null,
        sha256 bytea not null,
        created_at timestamptz(3) not null default now(),
        primary key (canvas_id, number)
      );
    `),
  down: ({ query }) => query('drop table canvas_snapshots, canvas_updates, canvases'),
};
