import type { AuditFilter } from '../../api/list-audit-logs.ts';

/** The filter that stands in the address, so that a view can be kept and sent to a colleague. */
export function filterOf(params: URLSearchParams): AuditFilter {
  const status = params.get('status');
  return {
    user_id: params.get('user_id') ?? undefined,
    action: params.get('action') ?? undefined,
    status: status === 'success' || status === 'failure' ? status : undefined,
    since: params.get('since') ?? undefined,
    until: params.get('until') ?? undefined,
  };
}

/** Lets everything through. */
export const noFilter: AuditFilter = filterOf(new URLSearchParams());

/** A filter as the parameters of the address. */
export function paramsOf(filter: AuditFilter): Record<string, string> {
  return Object.fromEntries(
    Object.entries(filter).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}

/** An instant as the local date and time that a field takes: `2026-01-31T12:00`. */
export function toLocalField(instant: string | undefined): string {
  if (instant === undefined) return '';
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) return '';
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

/** What stands in a field of local date and time, as an instant. */
export function fromLocalField(text: string): string | undefined {
  const date = new Date(text);
  return text === '' || Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
