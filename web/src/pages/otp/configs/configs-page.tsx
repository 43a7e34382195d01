import { Button, NativeSelect, Skeleton, Stack, TextInput } from '@mantine/core';
import { useDebouncedValue, useHotkeys } from '@mantine/hooks';
import { IconDownload, IconKey, IconPlus, IconSearch, IconUpload, IconZoomQuestion } from '@tabler/icons-react';
import { lazy, Suspense, useRef, useState } from 'react';
import { useSearchParams } from 'react-router';
import { page } from '../../../../../shared/domain/policy.ts';
import { useListConfigs } from '../../../api/list-configs.ts';
import { EmptyNotice } from '../../../components/empty-notice.tsx';
import { Page } from '../../../components/page.tsx';
import { QueryView } from '../../../components/query-view.tsx';
import classes from './configs-page.module.css';
import { ConfigsTable } from './configs-table.tsx';

const dialogs = {
  new: lazy(() => import('./new-dialog.tsx')),
  import: lazy(() => import('./import-dialog.tsx')),
  export: lazy(() => import('./export-dialog.tsx')),
};
const states = { all: undefined, active: true, paused: false } as const;

/** All configurations of the person: find, make, import, export. */
export default function ConfigsPage() {
  const [params, setParams] = useSearchParams();
  const [typed, setTyped] = useState('');
  const [state, setState] = useState<keyof typeof states>('all');
  const [search] = useDebouncedValue(typed.trim(), 250);
  const field = useRef<HTMLInputElement>(null);
  const query = useListConfigs({ search: search || undefined, is_active: states[state] });
  const isFiltered = search !== '' || state !== 'all';

  useHotkeys([['/', () => field.current?.focus()]]);

  // In the address, so that other pages can lead to a dialog and the back button closes it.
  const opened = (['new', 'import', 'export'] as const).find((name) => params.has(name));
  const Dialog = opened && dialogs[opened];
  const open = (name: keyof typeof dialogs) => setParams({ [name]: '' });

  return (
    <Page
      title="Configurations"
      actions={
        <>
          <Button variant="default" leftSection={<IconUpload size={16} />} onClick={() => open('import')}>
            Import
          </Button>
          <Button variant="default" leftSection={<IconDownload size={16} />} onClick={() => open('export')}>
            Export
          </Button>
          <Button leftSection={<IconPlus size={18} />} onClick={() => open('new')}>
            New configuration
          </Button>
        </>
      }
    >
      <div className={classes.filters}>
        <TextInput
          ref={field}
          className={classes.search ?? ''}
          aria-label="Search configurations"
          placeholder="Search name, issuer or account"
          type="search"
          maxLength={page.searchLength}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <NativeSelect
          aria-label="Which configurations"
          value={state}
          onChange={(event) => {
            const chosen = event.currentTarget.value;
            if (chosen === 'all' || chosen === 'active' || chosen === 'paused') setState(chosen);
          }}
          data={[
            { value: 'all', label: 'All' },
            { value: 'active', label: 'Active' },
            { value: 'paused', label: 'Paused' },
          ]}
        />
      </div>
      <QueryView query={query} skeleton={<TableSkeleton />}>
        {({ pages }) => {
          const configs = pages.flatMap(({ rows }) => rows);
          if (configs.length === 0 && isFiltered) {
            return (
              <EmptyNotice icon={IconZoomQuestion} title="Nothing found">
                No configuration is like that. Try fewer letters, or all states.
              </EmptyNotice>
            );
          }
          if (configs.length === 0) {
            return (
              <EmptyNotice
                icon={IconKey}
                title="No configurations yet"
                actions={
                  <>
                    <Button variant="default" onClick={() => open('new')}>
                      Create one
                    </Button>
                    <Button variant="default" onClick={() => open('import')}>
                      Import from another app
                    </Button>
                  </>
                }
              >
                A configuration holds a secret that you share with a service or an authenticator app, and makes and
                checks its codes.
              </EmptyNotice>
            );
          }
          return (
            <Stack gap="sm" align="flex-start">
              <ConfigsTable configs={configs} />
              {query.hasNextPage && (
                <Button
                  variant="default"
                  loading={query.isFetchingNextPage}
                  disabled={query.isPlaceholderData}
                  onClick={() => void query.fetchNextPage()}
                >
                  Show more
                </Button>
              )}
            </Stack>
          );
        }}
      </QueryView>
      {Dialog && (
        <Suspense>
          <Dialog onClose={() => setParams({}, { replace: true })} />
        </Suspense>
      )}
    </Page>
  );
}

function TableSkeleton() {
  return <Skeleton height={8 * 61 + 41} />;
}
