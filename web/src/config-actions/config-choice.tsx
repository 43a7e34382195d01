import { Button, Checkbox, Radio, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useListConfigs } from '../api/list-configs.ts';
import classes from './config-choice.module.css';

/** All configurations, or only those that are ticked; `undefined` stands for all. */
export function ConfigChoice({
  label,
  chosen,
  onChange,
  error,
}: {
  label: string;
  chosen: readonly number[] | undefined;
  onChange: (chosen: readonly number[] | undefined) => void;
  error?: ReactNode;
}) {
  const list = useListConfigs({});
  const configs = list.data?.pages.flatMap(({ rows }) => rows) ?? [];

  return (
    <Stack gap="xs">
      <Radio.Group
        label={label}
        error={error}
        value={chosen ? 'some' : 'all'}
        onChange={(value) => onChange(value === 'some' ? [] : undefined)}
      >
        <Stack gap="xs" mt="xs">
          <Radio value="all" label="All configurations" />
          <Radio value="some" label="Only those I choose" />
        </Stack>
      </Radio.Group>
      {chosen && (
        <>
          <ul className={classes.list} aria-label="Configurations">
            {configs.map(({ id, name, issuer, account }) => (
              <li key={id} className={classes.row}>
                <Checkbox
                  label={name}
                  description={[issuer, account].filter(Boolean).join(' · ')}
                  checked={chosen.includes(id)}
                  onChange={() =>
                    onChange(chosen.includes(id) ? chosen.filter((other) => other !== id) : [...chosen, id])
                  }
                />
              </li>
            ))}
          </ul>
          {list.hasNextPage && (
            <Button
              variant="default"
              size="xs"
              w="fit-content"
              loading={list.isFetchingNextPage}
              onClick={() => void list.fetchNextPage()}
            >
              Show more
            </Button>
          )}
          <Text size="sm" c="dimmed" role="status">
            {chosen.length} chosen
          </Text>
        </>
      )}
    </Stack>
  );
}
