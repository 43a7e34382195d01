import { Button, NativeSelect } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { useSearchParams } from 'react-router';
import type { AuditFilter } from '../../api/list-audit-logs.ts';
import { Page, Section } from '../../components/page.tsx';
import { TimelinePlot } from '../../timeline/timeline-plot.tsx';
import { AuditFilters } from './audit-filters.tsx';
import { AuditTrail } from './audit-trail.tsx';
import { filterOf, paramsOf } from './filter-params.ts';

const ExportDialog = lazy(() => import('./export-dialog.tsx'));
const spans = [
  { value: '24', label: '24 hours' },
  { value: '168', label: '7 days' },
  { value: '720', label: '30 days' },
];

/** What happened in the service: over time, and line by line. */
export default function AuditPage() {
  const [params, setParams] = useSearchParams();
  const [hours, setHours] = useState('24');
  const [exporting, setExporting] = useState(false);
  const filter = filterOf(params);

  function change(part: AuditFilter): void {
    // Of the address as it is now: a choice just made may not have been drawn yet, and must not be lost by the next.
    const now = filterOf(new URLSearchParams(window.location.search));
    setParams(paramsOf({ ...now, ...part }), { replace: true });
  }

  return (
    <Page
      title="Audit trail"
      actions={
        <Button leftSection={<IconDownload size={18} />} onClick={() => setExporting(true)}>
          Export
        </Button>
      }
    >
      <Section
        title="Timeline"
        actions={
          <NativeSelect
            aria-label="Span of the timeline"
            data={spans}
            value={hours}
            onChange={(event) => setHours(event.currentTarget.value)}
          />
        }
      >
        <TimelinePlot hours={Number(hours)} title="Events, successes and failures" />
      </Section>
      <Section title="Entries">
        <AuditFilters filter={filter} onChange={change} />
        <AuditTrail filter={filter} />
      </Section>
      {exporting && (
        <Suspense>
          <ExportDialog filter={filter} onClose={() => setExporting(false)} />
        </Suspense>
      )}
    </Page>
  );
}
