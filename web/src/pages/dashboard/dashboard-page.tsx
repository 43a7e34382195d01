import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Link } from 'react-router';
import { useReadMe } from '../../api/read-me.ts';
import { Page } from '../../components/page.tsx';
import { AccountCard } from './account-card.tsx';
import { CodesSection, useShownCodes } from './codes-section.tsx';
import classes from './dashboard-page.module.css';
import { RecentActivity } from './recent-activity.tsx';
import { UsageSection } from './usage-section.tsx';

/** All codes at once, and what happened lately. */
export default function DashboardPage() {
  const { data: me } = useReadMe();
  const codes = useShownCodes('');
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
      {/* It is loaded meanwhile, but shown once the cards above it have their place. */}
      <div className={classes.lower} hidden={codes.isLoading}>
        <UsageSection />
        <div className={classes.side}>
          {me && <AccountCard me={me} />}
          <RecentActivity />
        </div>
      </div>
    </Page>
  );
}
