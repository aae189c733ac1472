import { describe, expect, test } from 'vitest';
import type { Role } from '../../shared/participant.ts';
import type { Action } from './policies.ts';
import { allows, assertAllowed, effectiveRole } from './policies.ts';

const own = { isPlayground: false };
const playground = { isPlayground: true };

/** Who may do what: each role also all that the ones below it may. */
const TABLE: readonly (readonly [Role, readonly Action[]])[] = [
  ['viewer', ['project:read']],
  [
    'contributor',
    [
      'canvas:draw',
      'canvas_version:create',
      'category:add',
      'example:add',
      'feedback:give',
      'training_run:request',
    ],
  ],
  [
    'editor',
    [
      'canvas:create',
      'canvas_version:restore',
      'canvas_version:delete',
      'example:change',
      'feedback:take_back',
      'training_run:cancel',
    ],
  ],
  [
    'owner',
    [
      'project:change',
      'project:delete',
      'canvas:renew',
      'category:change',
      'category:delete',
      'model_version:promote',
      'model_version:rebuild',
    ],
  ],
];

describe('a role', () => {
  test.each(TABLE.map(([role], rank) => ({ role, rank })))(
    '$role may do its own things and those of lesser roles, no others',
    ({ role, rank }) => {
      for (const [place, [, actions]] of TABLE.entries())
        for (const action of actions) expect(allows(role, action)).toBe(place <= rank);
    },
  );
});

describe('the Playground', () => {
  test('makes everybody a contributor, whatever was granted', () => {
    expect(effectiveRole(playground, null)).toBe('contributor');
    expect(effectiveRole(playground, 'owner')).toBe('contributor');
    expect(effectiveRole(own, null)).toBeNull();
  });

  test('is protected: nothing of it is renamed or deleted', () => {
    const act = (): void => assertAllowed(playground, 'contributor', 'project:delete');
    expect(act).toThrow(expect.objectContaining({ code: 'project.protected' }));
  });
});

test('a stranger and a lesser role are told apart', () => {
  const stranger = (): void => assertAllowed(own, null, 'project:read');
  const viewer = (): void => assertAllowed(own, 'viewer', 'canvas:draw');
  expect(stranger).toThrow(/not open to you/);
  expect(viewer).toThrow(/role "contributor"/);
});
