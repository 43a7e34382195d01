import { ActionIcon, Button, Skeleton, Stack, VisuallyHidden } from '@mantine/core';
import { IconChevronDown, IconChevronUp, IconCircleCheck, IconCircleX, IconHistory } from '@tabler/icons-react';
import { Fragment, useState } from 'react';
import { type AuditEntry, type AuditFilter, useListAuditLogs } from '../../api/list-audit-logs.ts';
import { EmptyNotice } from '../../components/empty-notice.tsx';
import { sayAction } from '../../components/event-words.ts';
import { Fact, FactList } from '../../components/fact-list.tsx';
import { Moment } from '../../components/moment.tsx';
import { QueryView } from '../../components/query-view.tsx';
import rows from '../../components/row-table.module.css';
import classes from './audit-page.module.css';

/** The entries that a filter lets through, the newest first. */
export function AuditTrail({ filter }: { filter: AuditFilter }) {
  const query = useListAuditLogs(filter);
  return (
    <QueryView query={query} skeleton={<Skeleton height={20 * 45 + 41} />}>
      {({ pages }) => {
        const entries = pages.flatMap((part) => part.rows);
        if (entries.length === 0) {
          return (
            <EmptyNotice icon={IconHistory} title="No entries">
              Nothing of the kind was recorded in this time.
            </EmptyNotice>
          );
        }
        return (
          <Stack gap="sm" align="flex-start">
            <EntryTable entries={entries} />
            {query.hasNextPage && (
              <Button
                variant="default"
                loading={query.isFetchingNextPage}
                // Until the entries of another filter are there, those below the former one's are not asked for.
                disabled={query.isPlaceholderData}
                onClick={() => void query.fetchNextPage()}
              >
                Show older
              </Button>
            )}
          </Stack>
        );
      }}
    </QueryView>
  );
}

function EntryTable({ entries }: { entries: readonly AuditEntry[] }) {
  const [openId, setOpenId] = useState<string>();
  return (
    <div className={rows.sheet}>
      <table className={rows.table} data-dense>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Who</th>
            <th scope="col">What</th>
            <th scope="col">Result</th>
            <th scope="col">From</th>
            <th scope="col">
              <VisuallyHidden>Details</VisuallyHidden>
            </th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <Fragment key={entry.id}>
              <EntryRow
                entry={entry}
                opened={entry.id === openId}
                onToggle={() => setOpenId(entry.id === openId ? undefined : entry.id)}
              />
              {entry.id === openId && (
                <tr>
                  <td colSpan={6}>
                    <EntryDetails entry={entry} />
                  </td>
                </tr>
              )}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function EntryRow({ entry, opened, onToggle }: { entry: AuditEntry; opened: boolean; onToggle: () => void }) {
  const succeeded = entry.status === 'success';
  const Mark = succeeded ? IconCircleCheck : IconCircleX;
  const what = sayAction(entry.action);
  return (
    <tr>
      <td className={rows.main}>
        <Moment at={entry.timestamp} style="full" />
      </td>
      <td data-label="Who">{entry.username ?? 'Unknown'}</td>
      <td data-label="What">
        {what}
        {entry.resource_id && <span className={rows.quiet}> {shorten(entry.resource_id)}</span>}
      </td>
      <td data-label="Result">
        <span className={`${classes.result} ${succeeded ? classes.good : classes.bad}`}>
          <Mark size={16} aria-hidden />
          {succeeded ? 'Success' : 'Failure'}
        </span>
      </td>
      <td data-label="From" className={rows.quiet}>
        {entry.ip_address}
      </td>
      <td className={rows.end}>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={`Details of ${what} by ${entry.username ?? 'unknown'}`}
          aria-expanded={opened}
          onClick={onToggle}
        >
          {opened ? <IconChevronUp size={18} /> : <IconChevronDown size={18} />}
        </ActionIcon>
      </td>
    </tr>
  );
}

function EntryDetails({ entry }: { entry: AuditEntry }) {
  return (
    <div className={classes.details}>
      <FactList>
        <Fact name="Action">{entry.action}</Fact>
        <Fact name="Resource">
          {entry.resource} {entry.resource_id}
        </Fact>
        <Fact name="User id">{entry.user_id ?? '–'}</Fact>
        <Fact name="Device">{entry.user_agent ?? '–'}</Fact>
        <Fact name="Request">{entry.request_id}</Fact>
        <Fact name="Details">
          <pre className={classes.json}>{JSON.stringify(entry.details, null, 2)}</pre>
        </Fact>
      </FactList>
    </div>
  );
}

function shorten(id: string): string {
  return id.length > 12 ? `${id.slice(0, 10)}…` : id;
}
