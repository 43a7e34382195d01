import { Page } from '../../components/page.tsx';
import { MetricsSection } from './metrics-section.tsx';
import { UsersSection } from './users-section.tsx';

/** The service in numbers, and its users. */
export default function AdminPage() {
  return (
    <Page title="Users and metrics">
      <MetricsSection />
      <UsersSection />
    </Page>
  );
}
