import { Button } from '@mantine/core';
import { Link } from 'react-router';
import { Entrance } from '../../app/entrance.tsx';

/** There is no page at this address. */
export function NotFoundPage() {
  return (
    <Entrance title="There is no such page" description="The address may be mistyped, or the page was moved.">
      <Button component={Link} to="/">
        Go to the start
      </Button>
    </Entrance>
  );
}
