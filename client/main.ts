import './services/schemas-without-eval.ts';
import { ContextProvider } from '@lit/context';
import { routerContext, servicesContext } from './contexts.ts';
import { registerIcons } from './icons/register-icons.ts';
import './elements/tc-app.ts';
import { Api } from './services/api.ts';
import { PageServices } from './services/page-services.ts';
import { RealtimeSocket } from './services/realtime.ts';
import { Router } from './services/router.ts';
import { tokens } from './styles/tokens.ts';

registerIcons();
if (tokens.styleSheet) document.adoptedStyleSheets.push(tokens.styleSheet);

const protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
const services = new PageServices({
  api: new Api(),
  realtime: new RealtimeSocket(),
  syncUrl: `${protocol}//${location.host}/sync`,
});

new ContextProvider(document.body, { context: servicesContext, initialValue: services });
new ContextProvider(document.body, { context: routerContext, initialValue: new Router() });
// Only now, so that it finds the contexts above it.
document.body.append(document.createElement('tc-app'));
