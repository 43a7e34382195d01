import { Alert, Button, Checkbox, Group, Modal, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { scopes as allScopes } from '../../../../shared/api/route.ts';
import { apiKey } from '../../../../shared/domain/policy.ts';
import { type Scope, useCreateApiKey } from '../../api/create-api-key.ts';
import { CopyButton } from '../../components/copy-action.tsx';
import { ProblemNotice, useRefusalWait } from '../../components/problem-notice.tsx';
import { useFieldProblems } from '../../components/use-field-problems.ts';
import { ConfigChoice } from '../../config-actions/config-choice.tsx';
import classes from './settings-page.module.css';

const scopeWords: Record<Scope, string> = {
  'otp:generate': 'Generate codes',
  'otp:validate': 'Validate codes',
  'otp:configs:read': 'Read configurations, without their secrets',
};
const lives = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'One year' },
  { value: '', label: 'It never expires' },
];
const dayMs = 24 * 60 * 60 * 1000;

/** Creates a key and shows it, this once. */
export default function NewApiKeyDialog({ onClose }: { onClose: () => void }) {
  const create = useCreateApiKey();
  const form = useForm<{ name: string; scopes: string[]; config_ids: readonly number[] | undefined; days: string }>({
    initialValues: { name: '', scopes: [], config_ids: undefined, days: '90' },
    validate: {
      scopes: (chosen) => (chosen.length === 0 ? 'Choose what the key may do.' : null),
      config_ids: (chosen) => (chosen?.length === 0 ? 'Choose at least one, or all.' : null),
    },
  });
  const elsewhere = useFieldProblems(form, create.error, { config_not_found: 'config_ids' });
  const wait = useRefusalWait(create.error);

  function make({ name, scopes, config_ids, days }: typeof form.values): void {
    create.mutate({
      body: {
        name,
        scopes: allScopes.filter((scope) => scopes.includes(scope)),
        ...(config_ids && { config_ids: [...config_ids] }),
        ...(days && { expires_at: new Date(Date.now() + Number(days) * dayMs).toISOString() }),
      },
    });
  }

  if (create.data) {
    return (
      <Modal opened onClose={onClose} title={`${create.data.name} is ready`} closeOnClickOutside={false}>
        <Stack>
          <Alert color="yellow">Copy the key now. It is shown this once; nobody can look it up later.</Alert>
          <code className={classes.key}>{create.data.key}</code>
          <Group justify="flex-end">
            <CopyButton text={create.data.key} label="Copy key" />
            <Button onClick={onClose}>Done</Button>
          </Group>
        </Stack>
      </Modal>
    );
  }

  return (
    <Modal opened onClose={onClose} title="New API key">
      <form onSubmit={form.onSubmit(make)}>
        <Stack>
          <ProblemNotice error={elsewhere} />
          <TextInput
            label="Name"
            description="By which you will know the service that uses it"
            required
            autoComplete="off"
            maxLength={apiKey.nameLength}
            data-autofocus
            {...form.getInputProps('name')}
          />
          <Checkbox.Group label="It may" {...form.getInputProps('scopes')}>
            <Stack gap="xs" mt="xs">
              {allScopes.map((scope) => (
                <Checkbox key={scope} value={scope} label={scopeWords[scope]} />
              ))}
            </Stack>
          </Checkbox.Group>
          <ConfigChoice
            label="For"
            chosen={form.values.config_ids}
            error={form.errors['config_ids']}
            onChange={(chosen) => form.setFieldValue('config_ids', chosen)}
          />
          <NativeSelect label="Expires after" data={lives} {...form.getInputProps('days')} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={create.isPending} disabled={wait > 0}>
              Create key
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
