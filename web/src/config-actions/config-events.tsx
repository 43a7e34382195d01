import { Button, Paper, Skeleton } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useState } from 'react';
import { page } from '../../../shared/domain/policy.ts';
import { useListRecentEvents } from '../api/list-recent-events.ts';
import { EmptyNotice } from '../components/empty-notice.tsx';
import { EventList } from '../components/event-list.tsx';
import { Section } from '../components/page.tsx';
import { QueryView } from '../components/query-view.tsx';

/** What happened to one configuration lately. */
export function ConfigEvents({ configId }: { configId: number }) {
  const [limit, setLimit] = useState<number>(page.recent.default);
  const query = useListRecentEvents({ limit, config_id: configId });
  return (
    <Section title="Recent events">
      <Paper p="md">
        <QueryView query={query} skeleton={<Skeleton height={200} />}>
          {(events) =>
            events.length === 0 ? (
              <EmptyNotice icon={IconHistory} title="Nothing yet" />
            ) : (
              <>
                <EventList events={events} />
                {events.length === limit && limit < page.recent.max && (
                  <Button variant="default" size="xs" mt="md" onClick={() => setLimit(page.recent.max)}>
                    Show more
                  </Button>
                )}
              </>
            )
          }
        </QueryView>
      </Paper>
    </Section>
  );
}
