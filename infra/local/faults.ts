import * as z from 'zod';

/** What a test asks to go wrong, as the control port takes it. */
export const faultSchema = z
  .strictObject({
    service: z.enum(['dynamodb', 'kms']),
    /** Only calls of this operation, such as `TransactWriteItems`. */
    operation: z.string().min(1).optional(),
    /** Only calls of this function, such as `otp/validate-code`. */
    function: z.string().min(1).optional(),
    /** Only calls made for this client's requests. */
    source_ip: z.string().min(1).optional(),
    /** Only calls whose body holds this text. */
    match: z.string().min(1).optional(),
    /**
     * `error`: the service answers `code`, and did nothing. `delay`: it answers after `delay_ms`. `hang`: it never answers, and did
     * nothing. `lost_response`: it does the work, and the answer is lost. `partial_batch`: half of a batch is left undone.
     */
    kind: z.enum(['error', 'delay', 'hang', 'lost_response', 'partial_batch']),
    /** The error's name, such as `ThrottlingException`; `TransactionConflict` stands for the whole answer that has it. */
    code: z.string().min(1).optional(),
    /** How many calls it befalls. */
    times: z.union([z.int().min(1), z.literal('forever')]).default(1),
    /** Waits so long first, whatever the kind. */
    delay_ms: z.int().min(0).max(60_000).optional(),
  })
  .superRefine((fault, context) => {
    const needs = (field: 'code' | 'delay_ms', kind: string) => {
      context.addIssue({ code: 'custom', path: [field], message: `is needed for the kind ${kind}` });
    };
    if (fault.kind === 'error' && fault.code === undefined) needs('code', 'error');
    if (fault.kind === 'delay' && fault.delay_ms === undefined) needs('delay_ms', 'delay');
    if (fault.kind === 'partial_batch' && fault.service !== 'dynamodb') {
      context.addIssue({ code: 'custom', path: ['service'], message: 'has no batches' });
    }
  });

/** A fault, with everything that selects its calls. */
export type Fault = z.output<typeof faultSchema>;

/** A call as faults select it. */
export interface FaultTarget {
  readonly service: Fault['service'];
  readonly operation: string;
  readonly function: string;
  readonly sourceIp: string | undefined;
  readonly body: string;
}

/** A fault that waits for its calls. */
export interface PendingFault extends Fault {
  readonly id: string;
  /** How many calls it befell. */
  hits: number;
}

/** The faults that are asked for. The first that fits a call befalls it. */
export class Faults {
  #pending: PendingFault[] = [];
  #made = 0;

  /** Adds a fault and says under which id it can be taken away. */
  add(fault: Fault): PendingFault {
    const pending = { ...fault, id: `fault-${++this.#made}`, hits: 0 };
    this.#pending.push(pending);
    return pending;
  }

  /** The fault that befalls this call, counted. */
  take(target: FaultTarget): PendingFault | undefined {
    const fault = this.#pending.find((pending) => fits(pending, target));
    if (fault === undefined) return undefined;
    fault.hits += 1;
    if (fault.hits === fault.times) this.#pending = this.#pending.filter((pending) => pending !== fault);
    return fault;
  }

  list(): readonly PendingFault[] {
    return this.#pending;
  }

  /** Takes away one fault, or all; says how many went. */
  clear(id?: string): number {
    const before = this.#pending.length;
    this.#pending = id === undefined ? [] : this.#pending.filter((pending) => pending.id !== id);
    return before - this.#pending.length;
  }
}

function fits(fault: Fault, target: FaultTarget): boolean {
  return (
    fault.service === target.service &&
    (fault.operation ?? target.operation) === target.operation &&
    (fault.function ?? target.function) === target.function &&
    (fault.source_ip ?? target.sourceIp) === target.sourceIp &&
    target.body.includes(fault.match ?? '') &&
    (fault.kind !== 'partial_batch' || target.operation.startsWith('Batch'))
  );
}
