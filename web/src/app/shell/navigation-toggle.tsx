import { ActionIcon } from '@mantine/core';
import { IconMenu2, IconX } from '@tabler/icons-react';

/** Shows and hides the navigation where there is no room for it beside the page. */
export function NavigationToggle({
  opened,
  controls,
  onToggle,
}: {
  opened: boolean;
  controls: string;
  onToggle: () => void;
}) {
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="xl"
      aria-label="Navigation"
      aria-expanded={opened}
      aria-controls={controls}
      onClick={onToggle}
    >
      {opened ? <IconX size={22} /> : <IconMenu2 size={22} />}
    </ActionIcon>
  );
}
