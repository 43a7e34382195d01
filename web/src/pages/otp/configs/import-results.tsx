import { Badge, Text } from '@mantine/core';
import type { ImportAnswer } from '../../../api/import-configs.ts';
import classes from './import-dialog.module.css';

const looks = {
  created: { color: 'green', done: 'Imported', planned: 'New' },
  duplicate: { color: 'gray', done: 'Already there', planned: 'Already there' },
  invalid: { color: 'red', done: 'Not imported', planned: 'Cannot be imported' },
} as const;

/** What became of each entry, or would become of it. */
export function ImportResults({ answer, isPreview = false }: { answer: ImportAnswer; isPreview?: boolean }) {
  const { results, created, duplicates, invalid } = answer;
  return (
    <div>
      <Text size="sm" fw={600} role="status">
        {isPreview ? `${created} new` : `${created} imported`}
        {duplicates > 0 && `, ${duplicates} already there`}
        {invalid > 0 && `, ${invalid} not usable`}
      </Text>
      <ul className={classes.results}>
        {results.map((row, index) => {
          const look = looks[row.result];
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: one line of text may hold many entries; they have no other name.
            <li key={`${row.row}-${index}`} className={classes.result}>
              <span>
                {row.name ?? `Line ${row.row + 1}`}
                {[row.reason, ...(row.warnings ?? [])].map(
                  (note) =>
                    note && (
                      <Text key={note} size="xs" c="dimmed">
                        {note}
                      </Text>
                    ),
                )}
              </span>
              <Badge color={look.color}>{isPreview ? look.planned : look.done}</Badge>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
