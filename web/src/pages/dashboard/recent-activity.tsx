import { Paper, Skeleton } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useListRecentEvents } from '../../api/list-recent-events.ts';
import { EmptyNotice } from '../../components/empty-notice.tsx';
import { EventList } from '../../components/event-list.tsx';
import { Section } from '../../components/page.tsx';
import { QueryView } from '../../components/query-view.tsx';

const shown = 6;

/** What happened to one's codes lately. */
export function RecentActivity() {
  const query = useListRecentEvents({ limit: shown });
  return (
    <Section title="Recent activity">
      <Paper p="md">
        <QueryView query={query} skeleton={<Skeleton height={shown * 41 - 5} />}>
          {(events) =>
            events.length === 0 ? (
              <EmptyNotice icon={IconHistory} title="Nothing yet">
                Codes that you generate or validate, and those that your services do, appear here.
              </EmptyNotice>
            ) : (
              <EventList events={events} withConfig />
            )
          }
        </QueryView>
      </Paper>
    </Section>
  );
}
