import { createContext } from '@lit/context';
import type { Paper } from './drawing/ink-color.ts';
import type { PageServices } from './services/page-services.ts';
import type { Router } from './services/router.ts';

/** What the page can ask of the server. */
export const servicesContext = createContext<PageServices>(Symbol('services'));

/** Where in the page I am, and the way elsewhere. */
export const routerContext = createContext<Router>(Symbol('router'));

/** Whether the paper is light or dark. */
export const paperContext = createContext<Paper>(Symbol('paper'));
