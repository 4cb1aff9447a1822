package dev.workerfarm.cli.dead;

import dev.workerfarm.dead.ChosenLetters;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which dead letters a command is about. Filled by picocli. */
final class DeadChoice {
    @Parameters(paramLabel = "ID", description = "As dead ls shows them.")
    private List<String> ids = List.of();

    @Option(names = "--all", description = "All that are there now.")
    private boolean all;

    /** @throws IllegalArgumentException unless there are either ids or {@code --all} */
    ChosenLetters chosen() {
        if (ids.isEmpty() != all) {
            throw new IllegalArgumentException("it takes ids, as dead ls shows them, or --all; see --help");
        }
        return all ? ChosenLetters.all() : ChosenLetters.of(ids);
    }
}
