/** Writes the list of scenarios into docs/reliability.md. It lists what the files say, and runs nothing. */

import { describeScenarios, readScenarios } from "./scenario_files.ts";
import { writeSection } from "./section.ts";

await writeSection("scenarios", describeScenarios(await readScenarios()));
