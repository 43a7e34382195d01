import { openTable, type Table } from '../../shared/data/table.ts';
import { findStage, type StageChoice } from './operated-stage.ts';

/** Opens the table of the stage that was named; where none is, that of the product on this machine. */
export async function openOperatorTable(choice: StageChoice, env: NodeJS.ProcessEnv): Promise<Table> {
  return openTable((await findStage(choice, env)).tableName);
}
