import { Skeleton, VisuallyHidden } from '@mantine/core';
import { useInViewport } from '@mantine/hooks';
import { type ReactNode, Suspense, useEffect, useState } from 'react';
import classes from './plot-frame.module.css';

/** A table that says the same as a plot, for those who cannot see it. */
export interface PlotTable {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** A place of fixed height for a plot, which is loaded once it comes into view. */
export function PlotFrame({ height, table, children }: { height: number; table: PlotTable; children: ReactNode }) {
  const { ref, inViewport } = useInViewport<HTMLElement>();
  const [seen, setSeen] = useState(false);
  const placeholder = <Skeleton height={height} />;

  useEffect(() => {
    if (inViewport) setSeen(true);
  }, [inViewport]);

  return (
    <figure ref={ref} className={classes.frame}>
      {/* Drawn for the eye alone; the table beside it says the same. */}
      <div aria-hidden className={classes.drawing} style={{ height }}>
        {seen ? <Suspense fallback={placeholder}>{children}</Suspense> : placeholder}
      </div>
      <VisuallyHidden>
        <table>
          <caption>{table.caption}</caption>
          <thead>
            <tr>
              {table.columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.rows.map((row) => (
              <tr key={String(row[0])}>
                {row.map((cell, index) =>
                  index === 0 ? (
                    <th key={table.columns[index]} scope="row">
                      {cell}
                    </th>
                  ) : (
                    <td key={table.columns[index]}>{cell}</td>
                  ),
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </VisuallyHidden>
    </figure>
  );
}
