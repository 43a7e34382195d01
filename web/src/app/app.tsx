import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { Suspense } from 'react';
import { BrowserRouter, Outlet, Route, Routes, useLocation } from 'react-router';
import { queryClient } from '../api/query-client.ts';
import { Announcer } from '../components/announcer.tsx';
import { NotFoundPage } from '../pages/not-found/not-found-page.tsx';
import { theme } from '../theme/theme.ts';
import { AdministratorsOnly } from './administrators-only.tsx';
import { colorSchemeManager } from './color-scheme.ts';
import { NotificationsHost } from './notifications-host.tsx';
import { PageError } from './page-error.tsx';
import { PageSkeleton } from './page-skeleton.tsx';
import {
  AdminPage,
  AuditPage,
  ConfigsPage,
  DashboardPage,
  GeneratePage,
  HomePage,
  LoginPage,
  SettingsPage,
  SignupPage,
  ValidatePage,
} from './pages.ts';
import { ProofHost } from './proof-host.tsx';
import { SignedIn } from './signed-in.tsx';

/** The console. Mantine's variables and classes come as files (build/mantine-css.ts), so it writes no <style> elements. */
export function App() {
  return (
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      colorSchemeManager={colorSchemeManager}
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <QueryClientProvider client={queryClient}>
        <BrowserRouter>
          <Routes>
            <Route element={<Loaded />}>
              <Route index element={<HomePage />} />
              <Route path="login" element={<LoginPage />} />
              <Route path="signup" element={<SignupPage />} />
            </Route>
            <Route element={<SignedIn />}>
              <Route element={<Loaded />}>
                <Route path="dashboard" element={<DashboardPage />} />
                <Route path="otp/configs" element={<ConfigsPage />} />
                <Route path="otp/generate/:id" element={<GeneratePage />} />
                <Route path="otp/validate/:id" element={<ValidatePage />} />
                <Route path="settings" element={<SettingsPage />} />
                <Route element={<AdministratorsOnly />}>
                  <Route path="admin" element={<AdminPage />} />
                  <Route path="audit" element={<AuditPage />} />
                </Route>
              </Route>
            </Route>
            <Route path="*" element={<NotFoundPage />} />
          </Routes>
        </BrowserRouter>
        <ProofHost />
        <NotificationsHost />
        <Announcer />
      </QueryClientProvider>
    </MantineProvider>
  );
}

/** A page and what stands in its place while it is loaded, or when it cannot be. */
function Loaded() {
  const { pathname } = useLocation();
  return (
    <PageError key={pathname}>
      <Suspense fallback={<PageSkeleton />}>
        <Outlet />
      </Suspense>
    </PageError>
  );
}
