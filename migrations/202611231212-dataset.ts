import type { Migration } from './migration.ts';

/** Categories, examples and their embeddings. */
export const dataset: Migration = {
  name: '202611231212-dataset',
  up: ({ query }) =>
    query(`
      create table categories (
        id uuid primary key default gen_random_uuid(),
        position bigint generated always as identity unique,
        project_id uuid not null references projects on delete cascade,
        name text not null,
        starter_name text,
        -- How many examples have ever been dealt to a split, feedback apart. Never falls.
        dealt_examples integer not null default 0,
        created_at timestamptz(3) not null default now()
      );
      create unique index categories_name on categories (project_id, lower(name));
      create index categories_of_project on categories (project_id, position);

      create table examples (
        id uuid primary key,
        position bigint generated always as identity unique,
        project_id uuid not null references projects on delete cascade,
        category_id uuid not null references categories on delete cascade,
        author_id uuid references participants on delete set null,
        source text not null check (source in ('drawn', 'feedback', 'import', 'api')),
        split text not null check (split in ('train', 'validation', 'test')),
        canvas_id uuid references canvases on delete set null,
        sketch_id uuid,
        predicted_category_id uuid references categories on delete set null,
        predicted_confidence real,
        model_version_id uuid,
        content_hash text not null,
        strokes_key text not null,
        image_key text not null,
        raster bytea not null,
        deleted_at timestamptz(3),
        created_at timestamptz(3) not null default now()
      );
      create index examples_of_project on examples (project_id, position desc)
        where deleted_at is null;
      create index examples_of_category on examples (category_id, position desc)
        where deleted_at is null;
      create index examples_by_time on examples (project_id, created_at);
      -- Deleting what an example points to must not read the whole table.
      create index examples_category on examples (category_id);
      create index examples_predicted_category on examples (predicted_category_id);
      create index examples_author on examples (author_id);
      create index examples_canvas on examples (canvas_id);
      create index examples_strokes_key on examples (strokes_key);
      create index examples_image_key on examples (image_key);

      create table embeddings (
        example_id uuid not null references examples on delete cascade,
        backbone_id text not null,
        -- Views x embedding size, 32-bit floats, little-endian.
        vectors bytea not null,
        primary key (example_id, backbone_id)
      );
    `),
  down: ({ query }) => query('drop table embeddings, examples, categories'),
};
