package dev.workerfarm.cli.dead;

import dev.workerfarm.cli.output.Console;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code producer dead}: the tasks that nobody could run, to be looked at, run again or thrown away. */
@Command(
        name = "dead",
        synopsisSubcommandLabel = "COMMAND",
        description = "Looks after the dead letters: tasks that no worker could run.",
        footer = {
            "",
            "Examples:",
            "  producer dead ls                        what there is, and why",
            "  producer dead show ID                   everything about one",
            "  producer dead replay ID                 run it again, once its cause is gone",
            "  producer dead rm --all"
        })
public final class DeadCommand {
    private DeadCommand() {}

    /** The command with its own commands. */
    public static CommandLine line(Console console) {
        return new CommandLine(new DeadCommand())
                .addSubcommand(new DeadLsCommand(console))
                .addSubcommand(new DeadShowCommand(console))
                .addSubcommand(new DeadReplayCommand(console))
                .addSubcommand(new DeadRmCommand(console));
    }
}
