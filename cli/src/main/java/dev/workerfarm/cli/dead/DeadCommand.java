package dev.workerfarm.cli.dead;

import picocli.CommandLine.Command;

/** {@code producer dead}: the tasks that nobody could run, to be looked at, run again or thrown away. */
@Command(
        name = "dead",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {DeadLsCommand.class, DeadShowCommand.class, DeadReplayCommand.class, DeadRmCommand.class},
        description = "Looks after the dead letters: tasks that no worker could run.",
        footer = {
            "Examples:",
            "  producer dead ls                        what there is, and why",
            "  producer dead show ID                   everything about one",
            "  producer dead replay ID                 run it again, once its cause is gone",
            "  producer dead rm --all"
        })
public final class DeadCommand {}
