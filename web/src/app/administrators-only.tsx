import { IconLock } from '@tabler/icons-react';
import { Outlet } from 'react-router';
import { useReadMe } from '../api/read-me.ts';
import { EmptyNotice } from '../components/empty-notice.tsx';
import { Page } from '../components/page.tsx';

/** Lets administrators pass and tells others whom to ask. The service refuses them in any case. */
export function AdministratorsOnly() {
  const { data: me } = useReadMe();
  if (me?.is_admin) return <Outlet />;
  return (
    <Page title="For administrators">
      <EmptyNotice icon={IconLock} title="This page is for administrators">
        If you need it, ask an administrator of this service to make you one.
      </EmptyNotice>
    </Page>
  );
}
