package dev.workerfarm.cli.dead;

import dev.workerfarm.cli.output.Console;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

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
    @Mixin
    private DeadChoice choice = new DeadChoice();

    @Mixin
    private DeadSession session;

    DeadRmCommand(Console console) {
        this.session = new DeadSession(console);
    }

    @Override
    public Integer call() throws InterruptedException {
        var chosen = choice.chosen();
        return session.run(letters -> chosen.remove(letters, session));
    }
}
