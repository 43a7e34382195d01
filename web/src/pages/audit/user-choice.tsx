import { Autocomplete } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useSuggestUsers } from '../../api/list-users.ts';
import { useReadUser } from '../../api/read-user.ts';

/** A user by the beginning of their name; the service filters by id. */
export function UserChoice({
  userId,
  onChange,
}: {
  userId: string | undefined;
  onChange: (userId: string | undefined) => void;
}) {
  const chosen = useReadUser(userId);
  const [typed, setTyped] = useState<string>();
  const [search] = useDebouncedValue(typed?.trim(), 250);
  const suggestions = useSuggestUsers(search || undefined);
  const users = suggestions.data ?? [];
  const shown = typed ?? chosen.data?.username ?? userId ?? '';

  function choose(name: string): void {
    setTyped(name);
    const user = users.find(({ username }) => username === name);
    if (user) {
      setTyped(undefined);
      onChange(user.id);
    } else if (name === '') {
      setTyped(undefined);
      onChange(undefined);
    }
  }

  return (
    <Autocomplete
      label="User"
      placeholder="All users"
      data={users.map(({ username }) => username)}
      // The service has already searched, also in the e-mail addresses.
      filter={({ options }) => options}
      value={shown}
      onChange={choose}
      onBlur={() => setTyped(undefined)}
      comboboxProps={{ shadow: 'md' }}
    />
  );
}
