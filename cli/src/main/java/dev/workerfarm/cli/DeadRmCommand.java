package dev.workerfarm.cli;

import dev.workerfarm.dead.Fate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code producer dead rm}: letters thrown away. */
@Command(
        name = "rm",
        description = "Throws dead letters away, for good, and prints their ids.",
        footer = {
            "",
            "With --json a line has id and ok.",
            "",
            "Examples:",
            "  producer dead rm ID",
            "  producer dead rm --all"
        })
final class DeadRmCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(paramLabel = "ID", description = "As dead ls shows them.")
    private List<String> ids = List.of();

    @Option(names = "--all", description = "All that are there now.")
    private boolean all;

    @Mixin
    private DeadSession session = new DeadSession();

    DeadRmCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws InterruptedException {
        var wanted = DeadSession.chosen(ids, all);
        List<String> gone = new ArrayList<>();
        return session.run(console, letters -> {
            letters.read(letter -> {
                if (!all && !wanted.contains(letter.id())) {
                    return new Fate.Stays();
                }
                gone.add(letter.id());
                return new Fate.Goes();
            });
            gone.forEach(id -> session.done(console, id, Map.of()));
            wanted.stream()
                    .filter(id -> !gone.contains(id))
                    .forEach(id -> session.failed(console, id, "there is none with this id"));
        });
    }
}
