import type { Migration } from './migration.ts';

/** How much was dealt to each split, by category and by author. */
export const dealtSplits: Migration = {
  name: '202611300530-dealt-splits',
  up: ({ query }) =>
    query(`
      alter table categories
        add column dealt_validation integer not null default 0,
        add column dealt_test integer not null default 0;
      -- So far the counter alone has dealt: of every ten after the first 8 the ninth and the tenth.
      update categories set dealt_validation = (dealt_examples - 7) / 10,
        dealt_test = (dealt_examples - 8) / 10
      where dealt_examples > 8;

      -- Examples that were ever dealt, feedback apart. Never fall.
      create table dealt_authors (
        project_id uuid not null references projects on delete cascade,
        author_id uuid not null references participants on delete cascade,
        train integer not null,
        validation integer not null,
        test integer not null,
        primary key (project_id, author_id)
      );
      create index dealt_authors_author on dealt_authors (author_id);
      insert into dealt_authors
        select project_id, author_id, count(*) filter (where split = 'train'),
          count(*) filter (where split = 'validation'), count(*) filter (where split = 'test')
        from examples where source <> 'feedback' and author_id is not null
        group by project_id, author_id;
    `),
  down: ({ query }) =>
    query(`
      drop table dealt_authors;
      alter table categories drop column dealt_validation, drop column dealt_test;
    `),
};
