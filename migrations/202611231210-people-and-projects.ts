import type { Migration } from './migration.ts';

/** Participants and their sessions, projects and the roles in them. */
export const peopleAndProjects: Migration = {
  name: '202611231210-people-and-projects',
  up: ({ query }) =>
    query(`
      create table participants (
        id uuid primary key default gen_random_uuid(),
        nickname text not null,
        color text not null,
        created_at timestamptz(3) not null default now()
      );

      -- The columns are those that connect-pg-simple reads and writes.
      create table session (
        sid varchar primary key,
        sess json not null,
        expire timestamp(6) not null
      );
      create index session_expire on session (expire);

      create table projects (
        id uuid primary key default gen_random_uuid(),
        position bigint generated always as identity unique,
        name text not null,
        is_playground boolean not null default false,
        owner_token text not null unique,
        strategy jsonb not null,
        created_at timestamptz(3) not null default now()
      );
      create unique index projects_one_playground on projects (is_playground) where is_playground;

      create table project_roles (
        project_id uuid not null references projects on delete cascade,
        participant_id uuid not null references participants on delete cascade,
        role text not null check (role in ('owner', 'editor', 'contributor', 'viewer')),
        created_at timestamptz(3) not null default now(),
        primary key (project_id, participant_id)
      );
      create index project_roles_of_participant on project_roles (participant_id);
    `),
  down: ({ query }) => query('drop table project_roles, projects, session, participants'),
};
