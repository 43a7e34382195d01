import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Link } from 'react-router';
import { useReadMe } from '../../api/read-me.ts';
import { Page } from '../../components/page.tsx';
import { AccountCard } from './account-card.tsx';
import { CodesSection } from './codes-section.tsx';
import classes from './dashboard-page.module.css';
import { RecentActivity } from './recent-activity.tsx';
import { UsageSection } from './usage-section.tsx';

/** All codes at once, and what happened lately. */
export default function DashboardPage() {
  const { data: me } = useReadMe();
  return (
    <Page
      title="Dashboard"
      actions={
        <Button component={Link} to="/otp/configs?new" leftSection={<IconPlus size={18} />}>
          New configuration
        </Button>
      }
    >
      <CodesSection />
      <div className={classes.lower}>
        <UsageSection />
        <div className={classes.side}>
          <RecentActivity />
          {me && <AccountCard me={me} />}
        </div>
      </div>
    </Page>
  );
}
