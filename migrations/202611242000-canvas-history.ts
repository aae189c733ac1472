import type { Migration } from './migration.ts';

/** Generations and named versions of canvases, large snapshots as blobs, and unreadable updates. */
export const canvasHistory: Migration = {
  name: '202611242000-canvas-history',
  up: ({ query }) =>
    query(`
      -- Rises when the document of a canvas begins anew.
      alter table canvases add column generation int not null default 1;

      -- A large state is a blob, written before its row.
      alter table canvas_snapshots alter column state drop not null,
        add column blob_ref text,
        add constraint canvas_snapshots_one_state check (num_nonnulls(state, blob_ref) = 1);
      create index canvas_snapshots_by_blob on canvas_snapshots (blob_ref)
        where blob_ref is not null;

      -- Rows of the log that could not be read, as they were.
      create table canvas_unreadable_updates (
        canvas_id uuid not null references canvases on delete cascade,
        seq bigint not null,
        author_id uuid,
        data bytea not null,
        created_at timestamptz(3) not null,
        reason text not null,
        set_aside_at timestamptz(3) not null default now(),
        primary key (canvas_id, seq)
      );

      create table canvas_versions (
        id uuid primary key default gen_random_uuid(),
        position bigint generated always as identity unique,
        canvas_id uuid not null references canvases on delete cascade,
        name text not null,
        state bytea,
        blob_ref text,
        sha256 bytea not null,
        strokes int not null,
        -- Kept before a restore or a renewal; the oldest of these make place for new ones.
        is_automatic boolean not null default false,
        created_by uuid references participants on delete set null,
        created_at timestamptz(3) not null default now(),
        constraint canvas_versions_one_state check (num_nonnulls(state, blob_ref) = 1)
      );
      create index canvas_versions_of_canvas on canvas_versions (canvas_id, position desc);
      create index canvas_versions_by_author on canvas_versions (created_by);
      create index canvas_versions_by_blob on canvas_versions (blob_ref)
        where blob_ref is not null;
    `),
  // Refuses where a snapshot is a blob: without that column it would be lost.
  down: ({ query }) =>
    query(`
      drop table canvas_versions, canvas_unreadable_updates;
      alter table canvas_snapshots alter column state set not null, drop column blob_ref;
      alter table canvases drop column generation;
    `),
};
