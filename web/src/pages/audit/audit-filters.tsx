import { Button, NativeSelect, TextInput } from '@mantine/core';
import type { AuditFilter } from '../../api/list-audit-logs.ts';
import { knownActions, sayAction } from '../../components/event-words.ts';
import classes from './audit-page.module.css';
import { fromLocalField, noFilter, toLocalField } from './filter-params.ts';
import { UserChoice } from './user-choice.tsx';

const actionChoices = [
  { value: '', label: 'All actions' },
  ...knownActions.map((action) => ({ value: action, label: sayAction(action) })),
];

/** Which entries to show; a change names only what it changes. */
export function AuditFilters({ filter, onChange }: { filter: AuditFilter; onChange: (change: AuditFilter) => void }) {
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  return (
    <search className={classes.filters}>
      <UserChoice userId={filter.user_id} onChange={(user_id) => onChange({ user_id })} />
      <NativeSelect
        label="Action"
        data={actionChoices}
        value={filter.action ?? ''}
        onChange={(event) => onChange({ action: event.currentTarget.value || undefined })}
      />
      <NativeSelect
        label="Result"
        data={[
          { value: '', label: 'All results' },
          { value: 'success', label: 'Success' },
          { value: 'failure', label: 'Failure' },
        ]}
        value={filter.status ?? ''}
        onChange={(event) => {
          const { value } = event.currentTarget;
          onChange({ status: value === 'success' || value === 'failure' ? value : undefined });
        }}
      />
      <TextInput
        label="From"
        type="datetime-local"
        value={toLocalField(filter.since)}
        onChange={(event) => onChange({ since: fromLocalField(event.currentTarget.value) })}
      />
      <TextInput
        label="Until"
        type="datetime-local"
        value={toLocalField(filter.until)}
        onChange={(event) => onChange({ until: fromLocalField(event.currentTarget.value) })}
      />
      <Button variant="default" disabled={!isFiltered} onClick={() => onChange(noFilter)}>
        Clear
      </Button>
    </search>
  );
}
