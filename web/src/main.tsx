import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import './theme/styles.ts';
import { session } from './api/browser-session.ts';
import { queryClient } from './api/query-client.ts';
import { App } from './app/app.tsx';
import { preload } from './app/pages.ts';
import { liveCodes } from './live-codes/use-live-codes.ts';

// What was read belongs to one session: when it ends, or another begins, nothing of it stays in memory.
session.subscribe(() => {
  if (session.read().kind === 'signed-in') return;
  queryClient.clear();
  liveCodes.forget();
});
void session.start();
preload(window.location.pathname);

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
