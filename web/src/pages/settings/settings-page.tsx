import { Skeleton, Tabs } from '@mantine/core';
import { IconDevices, IconKey, IconLock, IconShieldLock, IconUserCircle } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import { useSearchParams } from 'react-router';
import { useReadMe } from '../../api/read-me.ts';
import { Page } from '../../components/page.tsx';
import classes from './settings-page.module.css';

const sections = [
  { value: 'profile', label: 'Profile', icon: IconUserCircle, content: lazy(() => import('./profile-section.tsx')) },
  { value: 'password', label: 'Password', icon: IconLock, content: lazy(() => import('./password-section.tsx')) },
  { value: 'mfa', label: 'MFA', icon: IconShieldLock, content: lazy(() => import('./mfa-section.tsx')) },
  { value: 'sessions', label: 'Sessions', icon: IconDevices, content: lazy(() => import('./sessions-section.tsx')) },
  { value: 'api-keys', label: 'API keys', icon: IconKey, content: lazy(() => import('./api-keys-section.tsx')) },
] as const;

/** Everything about the person's own account. The section stands in the address, so that it can be linked to. */
export default function SettingsPage() {
  const [params, setParams] = useSearchParams();
  const { data: me } = useReadMe();
  const asked = params.get('section');
  const current = sections.find(({ value }) => value === asked)?.value ?? 'profile';

  return (
    <Page title="Settings" width="narrow">
      <Tabs
        value={current}
        onChange={(section) => section && setParams({ section }, { replace: true })}
        keepMounted={false}
      >
        <Tabs.List className={classes.list} aria-label="Sections">
          {sections.map(({ value, label, icon: Icon }) => (
            <Tabs.Tab key={value} value={value} leftSection={<Icon size={16} aria-hidden />}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {sections.map(({ value, content: Content }) => (
          <Tabs.Panel key={value} value={value} pt="lg">
            <Suspense fallback={<Skeleton height={360} />}>{me && <Content me={me} />}</Suspense>
          </Tabs.Panel>
        ))}
      </Tabs>
    </Page>
  );
}
