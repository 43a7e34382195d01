import { type ComponentType, lazy } from 'react';

type PageModule = { default: ComponentType };

// Each page is a file of its own that is loaded when somebody goes there.
const loaders = {
  '/': () => import('../pages/home/home-page.tsx'),
  '/login': () => import('../pages/login/login-page.tsx'),
  '/signup': () => import('../pages/signup/signup-page.tsx'),
  '/dashboard': () => import('../pages/dashboard/dashboard-page.tsx'),
  '/admin': () => import('../pages/admin/admin-page.tsx'),
  '/audit': () => import('../pages/audit/audit-page.tsx'),
  '/otp/configs': () => import('../pages/otp/configs/configs-page.tsx'),
  '/otp/generate': () => import('../pages/otp/generate/generate-page.tsx'),
  '/otp/validate': () => import('../pages/otp/validate/validate-page.tsx'),
  '/settings': () => import('../pages/settings/settings-page.tsx'),
} satisfies Record<string, () => Promise<PageModule>>;

const loadShell = () => import('./shell/shell.tsx');
const withoutShell = new Set(['/', '/login', '/signup']);

export const Shell = lazy(loadShell);
export const HomePage = lazy(loaders['/']);
export const LoginPage = lazy(loaders['/login']);
export const SignupPage = lazy(loaders['/signup']);
export const DashboardPage = lazy(loaders['/dashboard']);
export const AdminPage = lazy(loaders['/admin']);
export const AuditPage = lazy(loaders['/audit']);
export const ConfigsPage = lazy(loaders['/otp/configs']);
export const GeneratePage = lazy(loaders['/otp/generate']);
export const ValidatePage = lazy(loaders['/otp/validate']);
export const SettingsPage = lazy(loaders['/settings']);

/** Begins to load the page of an address before it is shown: while the session starts, or when a link is pointed at. */
export function preload(pathname: string): void {
  for (const [prefix, load] of Object.entries(loaders)) {
    if (pathname === prefix || (prefix !== '/' && pathname.startsWith(`${prefix}/`))) {
      load().catch(() => undefined);
      if (!withoutShell.has(prefix)) loadShell().catch(() => undefined);
    }
  }
}
