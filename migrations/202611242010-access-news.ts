import type { Migration } from './migration.ts';

/** Every server hears of each change of a membership, whoever makes it and by which path. */
export const accessNews: Migration = {
  name: '202611242010-access-news',
  up: ({ query }) =>
    query(`
      create function tell_access_changed() returns trigger language plpgsql as $$
      begin
        -- The payload is '<project id> <participant id>'; the same news in one transaction are told once.
        if tg_op <> 'INSERT' then
          perform pg_notify('access_changed', old.project_id || ' ' || old.participant_id);
        end if;
        if tg_op <> 'DELETE' then
          perform pg_notify('access_changed', new.project_id || ' ' || new.participant_id);
        end if;
        return null;
      end $$;
      create trigger project_roles_tell after insert or update or delete on project_roles
        for each row execute function tell_access_changed();
    `),
  down: ({ query }) =>
    query(`
      drop trigger project_roles_tell on project_roles;
      drop function tell_access_changed();
    `),
};
