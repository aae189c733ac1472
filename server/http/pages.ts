import { join } from 'node:path';
import compression from 'compression';
import type { RequestHandler } from 'express';
import express, { Router } from 'express';

const YEAR_MS = 365 * 24 * 60 * 60 * 1_000;
const HAS_EXTENSION = /\.[a-z0-9]+$/i;

/**
 * The built page. Files under `assets/` carry a hash in their name and never change; every other
 * address that a person may have typed is the one page, which finds its way by the address.
 */
export function createPages(clientDir: string): Router {
  const router = Router();
  const assets = { immutable: true, maxAge: YEAR_MS, index: false, fallthrough: true };
  router.use(compression());
  router.use('/assets', express.static(join(clientDir, 'assets'), assets));
  router.use(express.static(clientDir, { index: false, maxAge: 0 }));
  router.get('/{*address}', sendPage(join(clientDir, 'index.html')));
  return router;
}

function sendPage(file: string): RequestHandler {
  return (request, response, next) => {
    if (HAS_EXTENSION.test(request.path) || !request.accepts('html')) {
      next();
      return;
    }
    response.set('Cache-Control', 'no-cache');
    response.sendFile(file, { cacheControl: false });
  };
}
