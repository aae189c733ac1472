import type { Role } from '../../shared/participant.ts';

/** Somebody on a canvas, or looking at a project. */
export interface Whereabouts {
  readonly participantId: string;
  readonly place: { readonly canvasId: string } | { readonly projectId: string };
}

/** What somebody may do at a place, now. */
export type Standing =
  | { readonly kind: 'member'; readonly projectId: string; readonly role: Role }
  | { readonly kind: 'stranger'; readonly projectId: string }
  /** The place itself is not there any more. */
  | { readonly kind: 'gone' };

/** A live connection at a place, which ends or changes with the standing of its participant. */
export interface LiveSeat extends Whereabouts {
  /** Makes it so; does nothing when it is so already. */
  settle(standing: Standing): void;
}

/** A role that was given, changed or taken away. */
export interface MembershipChange {
  readonly projectId: string;
  readonly participantId: string;
}

/**
 * Who was sent away from which project since the server's start. A page that merely connects again
 * is not let in by that; opening a link of the project anew makes its holder a member as ever.
 */
export class Dismissals {
  readonly #dismissed = new Set<string>();

  add({ projectId, participantId }: MembershipChange): void {
    this.#dismissed.add(`${projectId} ${participantId}`);
  }

  has({ projectId, participantId }: MembershipChange): boolean {
    return this.#dismissed.has(`${projectId} ${participantId}`);
  }
}
