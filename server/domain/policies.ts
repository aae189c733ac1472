import { AppError } from '../../shared/errors.ts';
import type { Role } from '../../shared/participant.ts';

/** The least role that may do each thing. HTTP, socket.io and the sync socket all ask here. */
const LEAST_ROLE = {
  'project:read': 'viewer',
  'project:change': 'owner',
  'project:delete': 'owner',
  'canvas:draw': 'contributor',
  'canvas:create': 'editor',
  'canvas:renew': 'owner',
  'canvas_version:create': 'contributor',
  'canvas_version:restore': 'editor',
  'canvas_version:delete': 'editor',
  'category:add': 'contributor',
  'category:change': 'owner',
  'category:delete': 'owner',
  'example:add': 'contributor',
  'example:change': 'editor',
  'feedback:give': 'contributor',
  'feedback:take_back': 'editor',
  'training_run:request': 'contributor',
  'training_run:cancel': 'editor',
  'model_version:promote': 'owner',
  'model_version:rebuild': 'owner',
} as const satisfies Record<string, Role>;

export type Action = keyof typeof LEAST_ROLE;

/** From the least to the greatest. */
const RANKS: readonly Role[] = ['viewer', 'contributor', 'editor', 'owner'];

/** Whether a role may do something. */
export function allows(role: Role, action: Action): boolean {
  return RANKS.indexOf(role) >= RANKS.indexOf(LEAST_ROLE[action]);
}

/**
 * The role that counts in a project: everybody contributes to the Playground, which belongs to
 * the system; elsewhere it is what was granted.
 */
export function effectiveRole(
  project: { isPlayground: boolean },
  granted: Role | null,
): Role | null {
  return project.isPlayground ? 'contributor' : granted;
}

/** Throws unless the role may do it; says in words why not. */
export function assertAllowed(
  project: { readonly isPlayground: boolean },
  role: Role | null,
  action: Action,
): asserts role is Role {
  if (role && allows(role, action)) return;
  if (project.isPlayground)
    throw new AppError(
      'project.protected',
      'The Playground belongs to everybody, so nothing of it can be changed or deleted. Create a project of your own for that.',
      { action },
    );
  if (!role)
    throw new AppError(
      'access.denied',
      'This project is not open to you. Ask for a link to one of its canvases.',
      { action },
    );
  throw new AppError(
    'access.denied',
    `This needs the role "${LEAST_ROLE[action]}" in the project.`,
    {
      action,
      role,
    },
  );
}
