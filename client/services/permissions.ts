import { Role } from '../../shared/participant.ts';

/** Whether a role may do all that another one may. The server decides; the page hides what it would refuse. */
export function isAtLeast(role: Role, least: Role): boolean {
  return Role.options.indexOf(role) <= Role.options.indexOf(least);
}
