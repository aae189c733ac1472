import type { API, RouteInput, RouteName, RouteReply } from '../../shared/api.ts';

/** Who asks; public routes do not know. */
type Caller<N extends RouteName> = (typeof API)[N] extends { isPublic: true }
  ? unknown
  : { readonly participantId: string };

/** What a handler is given: everything has passed its schema. */
export type RouteRequest<N extends RouteName> = RouteInput<N> & Caller<N>;

/** One handler for each route named; one too few does not compile. */
export type Handlers<N extends RouteName = RouteName> = {
  readonly [K in N]: (request: RouteRequest<K>) => Promise<RouteReply<K>>;
};
