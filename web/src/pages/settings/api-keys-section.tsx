import { Badge, Button, Paper, Skeleton, Text } from '@mantine/core';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { useDeleteApiKey } from '../../api/delete-api-key.ts';
import { type ApiKey, useListApiKeys } from '../../api/list-api-keys.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { EmptyNotice } from '../../components/empty-notice.tsx';
import { Moment } from '../../components/moment.tsx';
import { notify } from '../../components/notify.ts';
import { Section } from '../../components/page.tsx';
import { QueryView } from '../../components/query-view.tsx';
import classes from './settings-page.module.css';

const NewApiKeyDialog = lazy(() => import('./new-api-key-dialog.tsx'));

/** The keys by which the person's services use the API. */
export default function ApiKeysSection() {
  const query = useListApiKeys();
  const [making, setMaking] = useState(false);
  return (
    <Section
      title="API keys"
      actions={
        <Button leftSection={<IconPlus size={18} />} onClick={() => setMaking(true)}>
          New key
        </Button>
      }
    >
      <Paper px="lg" py="xs">
        <QueryView query={query} skeleton={<Skeleton height={136} />}>
          {(keys) =>
            keys.length === 0 ? (
              <EmptyNotice icon={IconKey} title="No keys yet">
                A key lets a service of yours generate and validate codes in your name, within the limits that you give
                it.
              </EmptyNotice>
            ) : (
              <ul className={classes.rows}>
                {keys.map((key) => (
                  <KeyRow key={key.id} apiKey={key} />
                ))}
              </ul>
            )
          }
        </QueryView>
      </Paper>
      {making && (
        <Suspense>
          <NewApiKeyDialog onClose={() => setMaking(false)} />
        </Suspense>
      )}
    </Section>
  );
}

function KeyRow({ apiKey }: { apiKey: ApiKey }) {
  const remove = useDeleteApiKey();
  const [asking, setAsking] = useState(false);
  const { name, scopes, config_ids, expires_at, last_used_at } = apiKey;
  const isOver = expires_at !== null && Date.parse(expires_at) <= Date.now();
  return (
    <li className={classes.row}>
      <span className={classes.words}>
        <span className={classes.title}>
          {name}
          {isOver && <Badge color="gray">Expired</Badge>}
          {scopes.map((scope) => (
            <Badge key={scope} color="lagoon">
              {scope}
            </Badge>
          ))}
        </span>
        <span className={classes.note}>
          {config_ids ? `Configurations ${config_ids.join(', ')}` : 'All configurations'} ·{' '}
          {last_used_at ? (
            <>
              used <Moment at={last_used_at} />
            </>
          ) : (
            'never used'
          )}{' '}
          ·{' '}
          {expires_at ? (
            <>
              {isOver ? 'expired' : 'expires'} <Moment at={expires_at} />
            </>
          ) : (
            'never expires'
          )}
        </span>
      </span>
      <Button variant="default" size="xs" flex="none" aria-label={`Delete ${name}`} onClick={() => setAsking(true)}>
        Delete
      </Button>
      {asking && (
        <ConfirmDialog
          title="Delete API key"
          confirmLabel={`Delete ${name}`}
          error={remove.error}
          waiting={remove.isPending}
          onClose={() => setAsking(false)}
          onConfirm={() =>
            remove.mutate({ params: { key_id: apiKey.id } }, { onSuccess: () => void notify(`${name} is deleted.`) })
          }
        >
          <Text size="sm">
            Every service that uses <strong>{name}</strong> is refused from the next request on. The key cannot be
            brought back.
          </Text>
        </ConfirmDialog>
      )}
    </li>
  );
}
