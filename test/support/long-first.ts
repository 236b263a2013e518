import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files whose one test takes half a minute, small as they are. */
const LONG = ['test/unit/alerts/model/whole-engine.test.ts']

/** Vitest starts with the largest files. One that is small and takes long would be the last, and run alone. */
export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return [...sorted.filter(isLong), ...sorted.filter((each) => !isLong(each))]
  }
}

function isLong({ moduleId }: TestSpecification): boolean {
  return LONG.some((file) => moduleId.endsWith(file))
}
