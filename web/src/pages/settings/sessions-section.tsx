import { Badge, Button, Paper, Skeleton, Text } from '@mantine/core';
import { useState } from 'react';
import { useEndOtherSessions } from '../../api/end-other-sessions.ts';
import { useEndSession } from '../../api/end-session.ts';
import { type Session, useListSessions } from '../../api/list-sessions.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { Moment } from '../../components/moment.tsx';
import { notify } from '../../components/notify.ts';
import { Section } from '../../components/page.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { sayDevice } from './say-device.ts';
import classes from './settings-page.module.css';

/** Where the person is logged in, and the way to end it from here. */
export default function SessionsSection() {
  const query = useListSessions();
  const endOthers = useEndOtherSessions();
  const [asking, setAsking] = useState(false);
  const others = query.data?.filter(({ current }) => !current).length ?? 0;

  return (
    <Section
      title="Sessions"
      actions={
        <Button variant="default" disabled={others === 0} onClick={() => setAsking(true)}>
          End all others
        </Button>
      }
    >
      <Paper px="lg" py="xs">
        <QueryView query={query} skeleton={<Skeleton height={136} />}>
          {(sessions) => (
            <ul className={classes.rows}>
              {sessions.map((session) => (
                <SessionRow key={session.id} session={session} />
              ))}
            </ul>
          )}
        </QueryView>
      </Paper>
      {asking && (
        <ConfirmDialog
          title="End all other sessions"
          confirmLabel={`End ${others} ${others === 1 ? 'session' : 'sessions'}`}
          error={endOthers.error}
          waiting={endOthers.isPending}
          onClose={() => setAsking(false)}
          onConfirm={() =>
            endOthers.mutate(
              {},
              {
                onSuccess: ({ ended }) => {
                  setAsking(false);
                  void notify(`${ended} ${ended === 1 ? 'session has' : 'sessions have'} ended.`);
                },
              },
            )
          }
        >
          <Text size="sm">Everybody who is logged in with your account elsewhere has to log in again.</Text>
        </ConfirmDialog>
      )}
    </Section>
  );
}

function SessionRow({ session }: { session: Session }) {
  const end = useEndSession();
  const [asking, setAsking] = useState(false);
  const device = sayDevice(session.user_agent);
  return (
    <li className={classes.row}>
      <span className={classes.words}>
        <span className={classes.title} title={session.user_agent ?? undefined}>
          {device}
          {session.current && <Badge color="green">This one</Badge>}
        </span>
        <span className={classes.note}>
          {session.ip_address} · begun <Moment at={session.created_at} /> · last seen{' '}
          <Moment at={session.last_seen_at} />
        </span>
      </span>
      {!session.current && (
        <Button
          variant="default"
          size="xs"
          flex="none"
          aria-label={`End the session of ${device} at ${session.ip_address}`}
          onClick={() => setAsking(true)}
        >
          End
        </Button>
      )}
      {asking && (
        <ConfirmDialog
          title="End session"
          confirmLabel="End session"
          error={end.error}
          waiting={end.isPending}
          onClose={() => setAsking(false)}
          onConfirm={() =>
            end.mutate(
              { params: { session_id: session.id } },
              { onSuccess: () => void notify('The session has ended.') },
            )
          }
        >
          <Text size="sm">
            {device} at {session.ip_address} has to log in again.
          </Text>
        </ConfirmDialog>
      )}
    </li>
  );
}
