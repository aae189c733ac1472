import { defineConfig } from 'vite';

const server = process.env['SERVER_URL'] ?? 'http://localhost:3000';

// The page. Everything is a file of its own (no inlined script, style or picture), as the server's
// content security policy asks. In development the interface is asked of a running server.
export default defineConfig({
  root: 'client',
  publicDir: false,
  build: {
    outDir: '../dist/client',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: true,
    // One file on purpose (180 KB packed): a page that is open keeps working whole when the line, or
    // the version of the server behind it, goes away.
    chunkSizeWarningLimit: 700,
  },
  server: {
    proxy: {
      '/api': server,
      '/sync': { target: server, ws: true },
      '/realtime': { target: server, ws: true },
    },
  },
});
