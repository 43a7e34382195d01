import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { contractFacts } from './build/contract-facts.ts';
import { mantineCss } from './build/mantine-css.ts';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [contractFacts(), mantineCss(), react()],
  build: {
    outDir: join(import.meta.dirname, '../.build/web'),
    emptyOutDir: true,
    // The content security policy lets no style, font or script come from a data: URI.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    port: 5173,
    strictPort: true,
    // `npx vite web` beside a running `npm start`: the console with live reload, against that API.
    proxy: {
      '/api': {
        target: process.env.API_ORIGIN ?? 'http://localhost:8000',
        rewrite: (path) => path.slice('/api'.length),
      },
    },
  },
});
