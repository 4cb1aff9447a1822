package dev.workerfarm.cli.dead;

import dev.workerfarm.cli.output.Action;
import dev.workerfarm.cli.output.Console;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code producer dead rm}: letters thrown away. */
@Command(
        name = "rm",
        description = "Throws dead letters away, for good, and prints their ids.",
        footer = {
            "With --json a line has id and ok.",
            "",
            "Examples:",
            "  producer dead rm ID",
            "  producer dead rm --all"
        })
final class DeadRmCommand implements Action {
    @Mixin
    private DeadSession.Choice choice = new DeadSession.Choice();

    @Mixin
    private DeadSession session = new DeadSession();

    @Override
    public int run(Console console) throws InterruptedException {
        return session.run(console, choice.chosen()::remove);
    }
}
